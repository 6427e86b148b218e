// 首页入口：把资金链、试办、事件、登录四块接起来。 / The front page's entry: thread, attempts, ticker, logins.

import { startCheck } from "./check.js";
import { draw } from "./columns.js";
import { both, fill, h, look, token } from "./kit.js";
import { newView, start } from "./thread.js";
import { startTicker } from "./ticker.js";
import { ATTEMPTS, attempt } from "./try.js";

const AGAIN = 5000;
const PATHS = { province: "/funds/v1/indicators", agency: "/ticker" };
const byId = (id) => document.getElementById(id);

let view = newView();

function redraw() {
  const empty = !view.documents.length;
  byId("columns").hidden = empty;
  byId("trail").hidden = empty;
  if (empty) say("演示还没有走到这里：收到第一份资金文件后，本页自动显示。", "The story has not come here yet; this page fills with the first fund document.");
  else byId("thread-state").hidden = true;
  if (!empty) draw(view, byId("columns"), byId("trail"), pick);
}

function say(zh, en) {
  const state = byId("thread-state");
  state.hidden = false;
  fill(state, both(zh, en));
}

/** Run a choice; a fault is told on the page, not swallowed. */
async function pick(choice, ...chosen) {
  try {
    await choice(view, redraw, ...chosen);
  } catch (fault) {
    say(`没有读到：${fault.message}`, "could not be read");
  }
}

async function read() {
  view = newView();
  await pick(start);
  redraw();
  if (!view.documents.length) setTimeout(read, AGAIN);
}

async function showClock() {
  try {
    const { now } = await look("/dev/clock");
    const text = new Intl.DateTimeFormat("zh-CN", { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(new Date(now));
    fill(byId("clock"), text);
  } catch (fault) {
    fill(byId("clock"), "—");
  }
  setTimeout(showClock, AGAIN);
}

async function showLogins() {
  const personas = await look("/dev/personas");
  fill(
    byId("persona"),
    personas.map((each) => h("option", { value: each.name, selected: each.name === "province" }, `${each.zh} ${each.en}（${each.name}）`)),
  );
}

async function showToken() {
  const name = byId("persona").value;
  const given = await token(name);
  const path = PATHS[name] || "/funds/v1/notices";
  byId("token").hidden = false;
  fill(byId("token"), `curl -s -H 'Authorization: Bearer ${given}' \\\n  ${location.origin}${path}`);
}

fill(byId("attempts"), ATTEMPTS.map(attempt));
startCheck(byId("check-table"), byId("own-table"), byId("checked"));
startTicker(byId("events"), byId("pause"));
byId("refresh").addEventListener("click", read);
byId("get-token").addEventListener("click", showToken);
read();
showClock();
showLogins();
