// 试着办两件不该办的事：发出真实请求，把拒绝的理由原样显示。
// Two things that must not be done: the real request is sent, and the refusal is shown as it came.

import { Refusal, both, fen, fill, fromFen, get, getVersion, h, money, post, yuan } from "./kit.js";

const PROJECTS = ["FUNDED", "IMPLEMENTING", "PLANNED", "COMPLETED", "ACCEPTED", "SETTLED"]; // best first
const NOTICES = [
  // state, the step that would leave it, and who would take it
  ["COUNTY_PUBLICITY", "enter_library", "bureau_leader", "主管局负责人", "bureau leader"],
  ["TOWNSHIP_PUBLICITY", "send_to_county", "township_leader", "乡镇负责人", "township leader"],
  ["VILLAGE_PUBLICITY", "apply", "village_committee", "村委会主任", "village committee"],
];

/** What there is to try. */
export const ATTEMPTS = [
  {
    id: "over-allocate",
    title: both("超额分配一分钱", "Allocate one fen too much"),
    text: both(
      "以「财政局经办人」身份，把一份文件的未分配余额再加 0.01 元分给一个项目。",
      "As the finance clerk: give a project what a document still has, and one fen more.",
    ),
    run: overAllocate,
  },
  {
    id: "end-notice",
    title: both("提前结束公示", "End a publicity early"),
    text: both(
      "找到一个正在公示的项目，以该环节经办人身份直接办下一步。",
      "Find a project whose notice still hangs, and take the next step as the one in charge.",
    ),
    run: endNotice,
  },
];

/** A box with its button; the answer appears below it. */
export function attempt(one) {
  const answer = h("div", { class: "answer", role: "status" });
  const button = h("button", { type: "button", id: one.id, onclick: press }, both("试一试", "try it"));

  async function press() {
    button.disabled = true;
    fill(answer, h("p", {}, both("请求已发出……", "sent …")));
    try {
      fill(answer, await one.run());
    } catch (fault) {
      fill(answer, h("p", { class: "notice" }, both("没有办成：" + fault.message, "could not be tried")));
    }
    button.disabled = false;
  }

  return h("div", { class: "attempt" }, h("h3", {}, one.title), h("p", {}, one.text), button, answer);
}

async function overAllocate() {
  const document = (await get("finance_clerk", "/funds/v1/indicators?limit=200")).items.find((each) => each.state === "CONFIRMED");
  const project = document && (await firstProject("finance_clerk", PROJECTS, document.area_code));
  if (!project) return nothing("还没有已下达的指标和可以分配的项目，请先等演示走完。", "No confirmed document and no project to fund yet; let the story run first.");
  const amount = fromFen(fen(document.balances.unallocated) + 1);
  const line = { project_id: project.id, indicator_id: document.id, amount };
  const draft = { area_code: document.area_code, year: document.fiscal_year, title: "首页试办：超额一分", lines: [line] };
  const { result } = await post("finance_clerk", "/funds/v1/allocations", draft, `front-over-${document.id}-${project.id}-${amount}`);
  const before = h(
    "p",
    {},
    both(`文件 ${document.document_no} 未分配余额 ${yuan(document.balances.unallocated)} 元；申请分配给「${project.name}」：`, ""),
    money(amount),
  );
  const after = async () => {
    const now = await get("finance_clerk", `/funds/v1/indicators/${document.id}`);
    return h("p", {}, both(`再查余额：${yuan(now.balances.unallocated)} 元，一分未动。`, "read again: the balance is as it was."));
  };
  return step("finance_clerk", `/funds/v1/allocations/${result.id}`, "submit", "INSUFFICIENT", before, after);
}

async function endNotice() {
  for (const [state, name, persona, zh, en] of NOTICES) {
    const project = await firstProject(persona, [state]);
    if (!project) continue;
    const shown = await get(persona, `/funds/v1/projects/${project.id}/case`);
    if (!shown.notice) continue;
    const before = h(
      "p",
      {},
      both(`「${project.name}」${shown.state_zh}，${shown.notice.posted_on} 张贴，须挂到 ${shown.notice.last_day}；以「${zh}」身份办下一步：`, `posted ${shown.notice.posted_on}, to hang until ${shown.notice.last_day}; next step as ${en}:`),
    );
    const after = async () => {
      const now = await get(persona, `/funds/v1/projects/${project.id}/case`);
      return h("p", {}, both(`再查办件：仍是「${now.state_zh}」。`, `read again: still ${now.state_en}.`));
    };
    return step(persona, `/funds/v1/projects/${project.id}`, name, "PUBLICITY_RUNNING", before, after);
  }
  return nothing("眼下没有正在公示的项目。", "No project has a running notice at the moment.");
}

async function firstProject(persona, states, area) {
  for (const state of states) {
    const within = area ? `&area_code=${area}` : "";
    const page = await get(persona, `/funds/v1/projects?limit=1&state=${state}${within}`);
    if (page.items.length) return page.items[0];
  }
  return null;
}

/** Take a step of a case; what comes back as a refusal is what we want to see, the rule with `code` first. */
async function step(persona, subject, name, code, before, after) {
  const { etag } = await getVersion(persona, `${subject}/case`);
  const path = `${subject}/${name.replace(/_/g, "-")}`;
  const body = { evidence: [], reason: "" };
  try {
    await post(persona, path, body, `front-try-${Date.now()}`, etag);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return [before, refusal(fault, code, persona, path, body), await after()];
  }
  return [before, h("p", { class: "notice" }, both("没有被拒绝。这不应该发生，请告诉我们。", "It was not refused. This should not happen; please tell us."))];
}

function refusal(fault, code, persona, path, body) {
  const problem = fault.problem;
  const all = problem.errors && problem.errors.length ? problem.errors : [problem];
  const errors = all.filter((each) => each.code === code).concat(all.filter((each) => each.code !== code));
  return h(
    "div",
    { class: "refusal" },
    h("p", {}, h("b", {}, `HTTP ${fault.status}`), " ", both(problem.title_zh, problem.title_en)),
    errors.map((error) =>
      h(
        "dl",
        {},
        pair("代码 code", h("code", {}, error.code)),
        pair("规则 rule", error.rule ? h("code", {}, error.rule) : "—"),
        pair("说明", error.zh || problem.detail_zh),
        pair("reason", h("span", { lang: "en" }, error.en || problem.detail_en)),
        error.remedy && error.remedy.zh ? pair("怎么办 remedy", both(error.remedy.zh, error.remedy.en)) : [],
      ),
    ),
    h(
      "details",
      {},
      h("summary", {}, both("看这个请求", "the request itself")),
      h("pre", { tabindex: "0" }, `POST ${path}\nAuthorization: Bearer <${persona}>\nIdempotency-Key: …\nIf-Match: …\n\n${JSON.stringify(body)}`),
    ),
  );
}

function pair(name, value) {
  return [h("dt", {}, name), h("dd", {}, value)];
}

function nothing(zh, en) {
  return h("p", { class: "notice" }, both(zh, en));
}
