// 画出资金链的六栏和一句话的来龙去脉。 / Draws the six columns of the thread, and the way in one sentence.

import { both, fen, fill, fromFen, h, money, percent, short, sum } from "./kit.js";
import { chooseAsset, chooseDocument, chooseHousehold, chooseProject, goBack } from "./thread.js";
import { word } from "./words.js";

const MOST = 60;

/** Draw `view` into `place` and its sentence into `trail`; `pick` runs a choice and tells its faults. */
export function draw(view, place, trail, pick) {
  const columns = [
    ["funds", "文件", "document", documents],
    ["funds", "项目", "project", projects],
    ["funds", "合同与拨付", "payment", payments],
    ["assets", "资产", "asset", assets],
    ["assets", "租金与分配", "rent", rents],
    ["monitoring", "农户", "household", households],
  ];
  const kept = Array.from(place.querySelectorAll(".stack"), (stack) => stack.scrollTop);
  const focused = document.activeElement && document.activeElement.getAttribute("data-key");
  fill(
    place,
    columns.map(([service, zh, en, cards], number) =>
      h(
        "section",
        { class: `column ${service}`, "data-column": en },
        h("h3", { "data-no": number + 1 }, both(zh, en)),
        h("ul", { class: "stack", tabindex: "0", "aria-label": `${zh} / ${en}` }, cards(view, pick).map((card) => h("li", {}, card))),
      ),
    ),
  );
  place.querySelectorAll(".stack").forEach((stack, number) => {
    stack.scrollTop = kept[number] || 0;
    const chosen = stack.querySelector(".on");
    if (chosen && (chosen.offsetTop < stack.scrollTop || chosen.offsetTop + 60 > stack.scrollTop + stack.clientHeight)) stack.scrollTop = chosen.offsetTop - 6;
  });
  const again = focused && Array.from(place.querySelectorAll("[data-key]")).find((each) => each.getAttribute("data-key") === focused);
  if (again) again.focus({ preventScroll: true });
  fill(trail, sentence(view));
}

function documents(view, pick) {
  const strands = view.project ? view.project.documents : [];
  return view.documents.map((each) => {
    const strand = strands.find((one) => one.indicator_id === each.id);
    const own = view.document && view.document.indicator_id === each.id;
    const lines = [line(`${word(each.level)} · ${each.fiscal_year}`), money(each.amount)];
    lines.push(line("已分配 allocated ", money(each.balances.allocated)));
    if (strand) lines.push(line("其中本项目 this project ", money(given(strand.sums))));
    return card(each.id, each.document_no, lines, own || (!view.document && strand), () => pick(chooseDocument, each.id));
  });
}

function projects(view, pick) {
  if (!view.projects.length) return [none("先选一份文件", "choose a document")];
  return view.projects
    .slice()
    .sort((one, other) => fen(given(other.sums)) - fen(given(one.sums)))
    .map((each) => {
      const from = view.document ? "本文件安排 from this document " : "安排 allocated ";
      const lines = [line(word(each.state)), line(from, money(given(each.sums))), line("已支付 paid ", money(each.sums.paid))];
      return card(each.project_id, each.name, lines, view.project && view.project.id === each.project_id, () => pick(chooseProject, each.project_id));
    });
}

function payments(view, pick) {
  if (!view.project) return [none("先选一个项目", "choose a project")];
  const cards = [];
  view.project.own.contracts.forEach((contract) => {
    cards.push(plain(`合同 ${contract.number}`, [line(contract.payee_name), line(word(contract.state)), paidOf(contract)]));
    contract.payments.forEach((payment) => {
      const day = payment.paid_on || word(payment.state);
      cards.push(plain(word(payment.stage), [line(day), money(payment.amount), split(view.splits[payment.payment_id], pick)]));
    });
  });
  view.project.own.batches.forEach((batch) => {
    const lines = [line(`${batch.line_count} 笔到户 household lines`), money(batch.sums.households)];
    cards.push(plain(`到户补贴 ${batch.number}`, lines));
  });
  return cards.length ? cards : [none("还没有合同或到户补贴", "no contract or household batch yet")];
}

function paidOf(contract) {
  return line("已支付 paid ", money(sum(contract.payments.map((payment) => payment.paid))));
}

/** What a payment took of each document; the document is a way back. */
function split(sources, pick) {
  if (!sources || !sources.length) return "";
  const rows = sources.map((each) => [documentLink(each, pick), money(each.amount)]);
  return table("按文件分摊 by document", ["文件 document", "金额 amount"], rows);
}

function assets(view, pick) {
  if (!view.project && !view.asset) return [none("验收、结算后自动登记", "registered by acceptance and settlement")];
  if (!view.assets.length) return [none("本项目没有登记资产", "this project has no asset")];
  return view.assets.map((each) => {
    const chosen = view.asset && view.asset.asset.id === each.id ? view.asset.asset : null;
    const lines = [
      line(word(each.asset_class)),
      line(each.is_provisional ? "暂估价值 provisional " : "价值 value ", money(each.value)),
      each.right_state ? line("确权 right ", word(each.right_state)) : "",
      chosen && chosen.transfer_state ? line("移交 hand-over ", word(chosen.transfer_state)) : "",
    ];
    const head = card(each.id, each.name, lines, Boolean(chosen), () => pick(chooseAsset, each.id));
    return chosen ? [head, shares(chosen.sources, pick)] : head;
  });
}

function shares(sources, pick) {
  const rows = sources.map((each) => [documentLink(each, pick), [money(each.amount), h("br"), percent(each.share_ppm)]]);
  return table("资金来源占比 source shares", ["文件 document", "金额与占比 amount, share"], rows);
}

function rents(view) {
  if (!view.asset) return [none("先选一项资产", "choose an asset")];
  const cards = view.asset.receipts.map((each) =>
    plain(`到账 ${each.received_on}`, [line(`${word(each.kind)} · ${each.period}`), money(each.amount)]),
  );
  view.asset.plans.forEach((plan) => {
    const rows = plan.parts.map((part) => [word(`part.${part.part}`), money(part.amount)]);
    const lines = [
      line("提取管护资金 upkeep ", money(plan.upkeep)),
      line("分配 distributed ", money(plan.total)),
      line("已到户 paid to households ", money(plan.paid)),
      rows.length ? table("分配去向 parts", ["去向 part", "金额 amount"], rows) : "",
    ];
    cards.push(plain(`分配方案 ${plan.period}`, lines));
  });
  return cards.length ? cards : [none("还没有收益到账", "no income yet")];
}

function households(view, pick) {
  const found = recipients(view);
  if (view.household && !found.some((each) => each.id === view.household)) found.unshift({ id: view.household, amount: null });
  if (!found.length) return [none("钱到户后在这里显示", "appears when money reaches a household")];
  const cards = found.slice(0, MOST).map((each) => {
    const chosen = view.household === each.id;
    const lines = each.amount === null ? [] : [line(word(each.kind)), money(each.amount)];
    const head = card(each.id, ["户 household ", short(each.id)], lines, chosen, () => pick(chooseHousehold, each.id));
    return chosen && view.income ? [head, entries(view.income, pick)] : head;
  });
  if (found.length > MOST) cards.push(none(`另有 ${found.length - MOST} 户`, `${found.length - MOST} more`));
  return cards;
}

/** Households that the asset's distributions, or the project's batches, have reached; one card each. */
function recipients(view) {
  const by = new Map();
  const add = (id, kind, amount) => {
    const known = by.get(id) || { id, kind, fen: 0 };
    known.fen += fen(amount);
    by.set(id, known);
  };
  if (view.asset) view.asset.household_lines.filter((each) => each.status === "PAID").forEach((each) => add(each.household_id, each.income_kind, each.amount));
  const batches = view.project ? view.project.own.batches : [];
  batches.forEach((batch) => batch.lines.filter((each) => each.paid_on).forEach((each) => add(each.household_id, "transfer", each.amount)));
  return Array.from(by.values(), (each) => ({ id: each.id, kind: each.kind, amount: fromFen(each.fen) }));
}

/** The entries of a household's income; those that an event told are a way back. */
function entries(income, pick) {
  const rows = income.entries.items
    .slice()
    .reverse()
    .map((each) => {
      const from = each.source && (each.source.asset_id || each.source.project_id);
      const back = from
        ? h("button", { type: "button", class: "link", onclick: () => pick(goBack, each) }, each.source.asset_id ? "← 资产 asset" : "← 项目 project")
        : "入户填报 declared";
      return [each.month, [word(each.kind), h("br"), money(each.amount), h("br"), back]];
    });
  return table("收入来源 income by entry", ["月份 month", "收入与来处 income, from"], rows);
}

/** The way that is open, with its amounts: of one document to the right, or back from an income to all its documents. */
function sentence(view) {
  const stops = view.document ? ofOneDocument(view) : ofAllDocuments(view);
  const received = view.asset ? view.asset.receipts.map((each) => each.amount) : [];
  if (received.length) stops.push(["→", "租金到账 rent", sum(received)]);
  const entry = view.back;
  if (view.household) stops.push(["→", ["户 household ", short(view.household)], entry ? entry.amount : reached(view)]);
  const drawn = stops.map(([arrow, name, amount, note]) => [arrow ? ` ${arrow} ` : "", h("span", {}, name, " ", amount ? money(amount) : "", note ? ` ${note}` : "")]);
  return entry ? [h("b", {}, "这笔收入从这里来 where it came from: "), drawn] : drawn;
}

function ofOneDocument(view) {
  const stops = [["", view.document.document_no, view.document.received]];
  const own = view.project && view.projects.find((each) => each.project_id === view.project.id);
  if (own) stops.push(["→", own.name, given(own.sums)], ["→", "已支付 paid", own.sums.paid]);
  const part = view.asset && view.asset.asset.sources.find((each) => each.indicator_id === view.document.indicator_id);
  if (part) stops.push(["→", `资产 asset ${view.asset.asset.name}`, part.amount, `占 share ${percent(part.share_ppm)}`]);
  return stops;
}

function ofAllDocuments(view) {
  const parts = view.asset ? view.asset.asset.sources : [];
  const stops = (view.project ? view.project.documents : []).map((each, number) => {
    const part = parts.find((one) => one.indicator_id === each.indicator_id);
    return [number ? "＋" : "", each.document_no, part ? part.amount : given(each.sums), part ? percent(part.share_ppm) : ""];
  });
  if (view.project) stops.push(["→", view.project.own.name, given(view.project.own.sums)]);
  if (view.asset) stops.push(["→", `资产 asset ${view.asset.asset.name}`, view.asset.asset.value]);
  return stops;
}

function reached(view) {
  const found = recipients(view).find((each) => each.id === view.household);
  return found ? found.amount : null;
}

/** All that a document gave a project, wherever it stands by now. */
function given(sums) {
  return sum(Object.keys(sums).filter((name) => name !== "paid").map((name) => sums[name]));
}

/** A document by the end of its number, which is enough beside the full one in the first column. */
function documentLink(source, pick) {
  const end = source.document_no.replace(/^.*(?=〔)/, "");
  const attributes = { type: "button", class: "link", title: source.document_no, "aria-label": source.document_no };
  return h("button", Object.assign(attributes, { onclick: () => pick(chooseDocument, source.indicator_id) }), end);
}

function table(caption, heads, rows) {
  return h(
    "table",
    {},
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, number) => (number ? h("td", {}, cell) : h("th", { scope: "row" }, cell)))))),
  );
}

/** A choice; `key` is what it stands for, by which focus finds it again after drawing. */
function card(key, title, lines, on, onclick) {
  const attributes = { type: "button", class: on ? "card on" : "card", "aria-pressed": on ? "true" : "false", "data-key": key, onclick };
  return h("button", attributes, h("span", { class: "title" }, title), lines);
}

function plain(title, lines) {
  return h("div", { class: "card plain" }, h("span", { class: "title" }, title), lines);
}

function line(...content) {
  return h("span", { class: "line" }, ...content);
}

function none(zh, en) {
  return h("p", { class: "none" }, both(zh, en));
}
