// 最近事件：每两秒读一次，新的在上。 / The ticker: read every two seconds, new ones on top.

import { fill, h, look } from "./kit.js";

const EVERY = 2000;
const KEPT = 60;
const SERVICES = { funds: "资金", monitoring: "监测", assets: "资产" };

/** Keep `list` up to date; `button` pauses it. */
export function startTicker(list, button) {
  const seen = new Set();
  let paused = false;

  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    fill(button, paused ? "继续 " : "暂停 ", h("span", { lang: "en" }, paused ? "go on" : "pause"));
  });

  async function turn() {
    if (!paused && !document.hidden) {
      try {
        show(await look("/ticker?limit=40"));
      } catch (fault) {
        if (!seen.size) fill(list, h("li", { class: "none" }, "暂时读不到事件 ", h("span", { lang: "en" }, "no answer yet")));
      }
    }
    setTimeout(turn, EVERY);
  }

  function show(events) {
    const fresh = events.filter((event) => !seen.has(event.id)).reverse();
    if (!fresh.length && seen.size) return;
    const first = seen.size === 0;
    if (first) fill(list, fresh.length ? "" : h("li", { class: "none" }, "还没有事件 ", h("span", { lang: "en" }, "no events yet")));
    for (const event of fresh) {
      seen.add(event.id);
      list.prepend(line(event, !first));
    }
    while (list.children.length > KEPT) list.lastElementChild.remove();
  }

  turn();
}

function line(event, isNew) {
  return h(
    "li",
    { class: isNew ? "new" : null },
    h("span", { class: `tag ${event.service}` }, SERVICES[event.service] || event.service),
    h("span", {}, event.summary, h("code", { lang: "en" }, event.type)),
  );
}
