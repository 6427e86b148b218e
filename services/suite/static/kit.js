// 本页的几样工具：元素、双语、金额、以演示角色发请求。
// The page's few tools: elements, words in two languages, money, requests as a demo login.

/** An element with attributes and children; `onclick` and the like are listeners, text is never parsed as markup. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Chinese first, English beside it. */
export function both(zh, en) {
  return [zh, en ? " " : "", en ? h("span", { lang: "en" }, en) : ""];
}

/** Replace everything in `element`. */
export function fill(element, ...children) {
  element.textContent = "";
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
}

/** `1234567.80` as `1,234,567.80`: digits are moved as text, for money is no float. */
export function yuan(text) {
  const [whole, fraction] = String(text).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? "." + fraction : "");
}

/** `1234567.80` as `123.45678`, in units of ten thousand yuan. */
export function wan(text) {
  const [whole, fraction] = String(text).replace("-", "").split(".");
  const digits = whole.padStart(5, "0");
  const rest = (digits.slice(-4) + (fraction || "")).replace(/0+$/, "");
  return (String(text)[0] === "-" ? "-" : "") + yuan(digits.slice(0, -4)) + (rest ? "." + rest : "");
}

/** An amount as a whole number of fen, exact far beyond any county's budget. */
export function fen(text) {
  return Number(String(text).replace(".", ""));
}

/** Whole fen as an amount. */
export function fromFen(number) {
  const digits = String(Math.abs(number)).padStart(3, "0");
  return `${number < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The sum of amounts. */
export function sum(amounts) {
  return fromFen(amounts.reduce((total, each) => total + fen(each), 0));
}

/** An amount in yuan, and in ten thousands where it is that large. */
export function money(text) {
  if (text === null || text === undefined) return h("span", { class: "money" }, "—");
  const large = /^-?\d{5,}/.test(String(text));
  return h("span", { class: "money" }, h("b", {}, yuan(text) + " 元"), large ? " " : "", large ? h("small", {}, wan(text) + " 万元") : "");
}

/** Parts per million as a percentage, exact to the last digit. */
export function percent(ppm) {
  const digits = String(ppm).padStart(5, "0");
  return `${digits.slice(0, -4)}.${digits.slice(-4)} %`;
}

/** An opaque id, short enough to be told apart. */
export function short(id) {
  return h("code", { title: id }, String(id).slice(-8));
}

/** An answer that is no success; `problem` is the body (RFC 9457). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

const logins = new Map();

/** The token of a demo login; asked for once. */
export function token(persona) {
  if (!logins.has(persona)) {
    const asked = send("POST", "/dev/token", {}, { persona }).then((answer) => answer.told.access_token);
    asked.catch(() => logins.delete(persona));
    logins.set(persona, asked);
  }
  return logins.get(persona);
}

/** Read as `persona`. */
export async function get(persona, path) {
  return (await send("GET", path, await login(persona))).told;
}

/** Read as `persona`, with the version that a change has to name. */
export async function getVersion(persona, path) {
  const answer = await send("GET", path, await login(persona));
  return { told: answer.told, etag: answer.etag };
}

/** Read without login. */
export async function look(path) {
  return (await send("GET", path, {})).told;
}

/** Give a command as `persona`, for the version `etag` where there is one; raises Refusal. */
export async function post(persona, path, body, key, etag) {
  const headers = await login(persona);
  headers["Idempotency-Key"] = key;
  if (etag) headers["If-Match"] = etag;
  return (await send("POST", path, headers, body)).told;
}

/** Send a file, a text or a Blob, as `persona`; raises Refusal. */
export async function sendFile(persona, path, content, type) {
  return (await send("POST", path, { ...(await login(persona)), "Content-Type": type }, content)).told;
}

async function login(persona) {
  return { Authorization: `Bearer ${await token(persona)}` };
}

async function send(method, path, headers, body) {
  const options = { method, headers, cache: "no-store" };
  if (headers["Content-Type"]) {
    options.body = body;
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(path, options);
  const text = await answer.text();
  const told = text && /json/.test(answer.headers.get("content-type") || "") ? JSON.parse(text) : {};
  if (!answer.ok) throw new Refusal(answer.status, told);
  return { told, etag: answer.headers.get("etag") };
}
