// 核对一张通报：把表送到核对器，逐条显示印的数和算的数。
// Check a printed table: it goes to the checker's door, and each finding is shown as printed and as recomputed.

import { Refusal, both, fill, h, sendFile } from "./kit.js";

const DOOR = "/funds/v1/bulletin-checks";
const READER = "province";
const SAMPLE = "/front/microcredit.csv";
const GRAVITY = { error: ["差错", "error"], warning: ["提示", "warning"], info: ["说明", "note"] };

/** Let `button` check the published table and `input` one of the reader's own; the answer stands in `place`. */
export function startCheck(button, input, place) {
  button.addEventListener("click", () => run(button, place, async () => (await fetch(SAMPLE)).text()));
  input.addEventListener("change", () => input.files.length && run(button, place, async () => input.files[0]));
}

async function run(button, place, content) {
  button.disabled = true;
  fill(place, h("p", {}, both("正在核对……", "checking …")));
  try {
    fill(place, answer(await sendFile(READER, DOOR, await content(), "application/octet-stream")));
  } catch (fault) {
    const problem = fault instanceof Refusal ? fault.problem : {};
    fill(place, h("p", { class: "notice" }, both(problem.detail_zh || `没有核对成：${fault.message}`, problem.detail_en || "could not be checked")));
  }
  button.disabled = false;
}

function answer({ relations, findings }) {
  const counted = h("p", {}, both(`找到 ${relations.length} 种关系，${findings.length} 处不符。`, `${relations.length} relations, ${findings.length} findings.`));
  if (!findings.length) return counted;
  const heads = [["行", "row"], ["列", "column"], ["印的", "printed"], ["算的", "recomputed"], ["关系", "relation"]];
  return [
    counted,
    h(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": "核对结果 / findings" },
      h("table", {}, h("thead", {}, h("tr", {}, heads.map(([zh, en]) => h("th", { scope: "col" }, both(zh, en))))), h("tbody", {}, findings.map(line))),
    ),
  ];
}

function line(one) {
  const [zh, en] = GRAVITY[one.severity];
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, one.row),
    h("td", {}, one.column),
    h("td", { class: "printed" }, one.printed),
    h("td", {}, h("b", {}, one.recomputed), " ", both(zh, en)),
    h("td", {}, one.relation),
  );
}
