// 资金链：文件 → 项目 → 拨付 → 资产 → 租金 → 农户，两个方向都能走。
// The thread: what is chosen, what has been read for it, and the way back. Drawing is in columns.js.

import { fen, get, look } from "./kit.js";

const READER = "province";
const AUDITOR = "auditor"; // the province reads figures; entries of one household are for those who work there

/** What is shown; `turn` counts choices, so that a late answer to an earlier one is dropped. */
export function newView() {
  return {
    turn: 0,
    back: false,
    documents: [],
    document: null,
    projects: [],
    project: null,
    splits: {},
    assets: [],
    asset: null,
    household: null,
    income: null,
  };
}

/** Read the documents; then follow the one that paid most as far as its money went. */
export async function start(view, redraw) {
  const page = await get(READER, "/funds/v1/indicators?limit=50");
  view.documents = page.items.filter((each) => each.state === "CONFIRMED");
  if (!view.documents.length) return;
  const most = view.documents.reduce((one, other) => (fen(other.balances.paid) > fen(one.balances.paid) ? other : one));
  await chooseDocument(view, redraw, most.id);
  const paid = view.projects.slice().sort((one, other) => fen(other.sums.paid) - fen(one.sums.paid));
  if (!paid.length) return;
  await chooseProject(view, redraw, paid[0].project_id);
  const first = view.asset && view.asset.household_lines.find((line) => line.status === "PAID");
  if (first) await chooseHousehold(view, redraw, first.household_id);
}

/** A document: its projects. What was chosen to the right stays when it hangs on this document. */
export async function chooseDocument(view, redraw, id) {
  const turn = begin(view, false);
  const thread = await get(READER, `/funds/v1/indicators/${id}/thread`);
  if (turn !== view.turn) return;
  view.document = thread.documents[0];
  view.projects = thread.projects;
  if (view.project && !thread.projects.some((each) => each.project_id === view.project.id)) clearFrom(view, "project");
  redraw();
}

/** A project: contracts, payments with their split by document, household batches, and the assets it formed. */
export async function chooseProject(view, redraw, id) {
  const turn = begin(view, false);
  const project = await readProject(id);
  const assets = await get(READER, `/assets/v1/assets?project_id=${id}&limit=50`);
  if (turn !== view.turn) return;
  if (!view.project || view.project.id !== id) clearFrom(view, "project");
  Object.assign(view, { project, assets: assets.items });
  if (view.document && !project.documents.some((each) => each.indicator_id === view.document.indicator_id)) clearFrom(view, "document");
  redraw();
  await readSplits(view, turn);
  redraw();
  if (!view.asset && assets.items.length) await chooseAsset(view, redraw, assets.items[0].id);
}

/** An asset: its sources, rent, distributions and households. */
export async function chooseAsset(view, redraw, id) {
  const turn = begin(view, false);
  const asset = await get(READER, `/assets/v1/assets/${id}/thread`);
  if (turn !== view.turn) return;
  if (!view.asset || view.asset.asset.id !== id) clearFrom(view, "asset");
  view.asset = asset;
  redraw();
}

/** A household: its income by entry, each with what it came from. */
export async function chooseHousehold(view, redraw, id) {
  const turn = begin(view, false);
  const clock = await look("/dev/clock");
  const until = clock.now.slice(0, 10);
  const path = `/monitoring/v1/households/${id}/income-entries?from=2021-01-01&to=${until}&limit=100`;
  const income = await get(AUDITOR, path);
  if (turn !== view.turn) return;
  Object.assign(view, { household: id, income });
  redraw();
}

/** From an income of a household back to asset, project and every document behind it. */
export async function goBack(view, redraw, entry) {
  const source = entry.source;
  const turn = begin(view, entry);
  const asset = source.asset_id ? await get(READER, `/assets/v1/assets/${source.asset_id}/thread`) : null;
  const projectId = asset ? asset.asset.project_id : source.project_id;
  const project = projectId ? await readProject(projectId) : null;
  const assets = projectId ? await get(READER, `/assets/v1/assets?project_id=${projectId}&limit=50`) : { items: asset ? [asset.asset] : [] };
  if (turn !== view.turn) return;
  Object.assign(view, { asset, project, assets: assets.items, document: null, splits: {} });
  view.projects = project ? project.projects : [];
  redraw();
  await readSplits(view, turn);
  redraw();
}

async function readProject(id) {
  const thread = await get(READER, `/funds/v1/projects/${id}/thread`);
  return Object.assign({ id }, thread, { own: thread.projects[0] });
}

/** What each payment took of each document. */
async function readSplits(view, turn) {
  if (!view.project) return;
  const payments = view.project.own.contracts.reduce((all, contract) => all.concat(contract.payments), []);
  const arrived = payments.filter((payment) => fen(payment.paid) > 0);
  const read = await Promise.all(arrived.map((payment) => get(READER, `/funds/v1/payments/${payment.payment_id}/sources`)));
  if (turn !== view.turn) return;
  arrived.forEach((payment, number) => {
    view.splits[payment.payment_id] = read[number];
  });
}

function begin(view, back) {
  view.back = back;
  view.turn += 1;
  return view.turn;
}

function clearFrom(view, column) {
  if (column === "document") Object.assign(view, { document: null, projects: view.project ? view.project.projects : [] });
  if (column === "project") Object.assign(view, { project: null, splits: {}, assets: [] });
  if (column === "project" || column === "asset") Object.assign(view, { asset: null, household: null, income: null });
}
