// The scanner's agent on this machine (docs/scanner.md, "The agent"): paired once, then its scans arrive here.

import * as scan from "./scan.js";
import { say } from "./texts.js";

const AGENT = "http://127.0.0.1:8765";
const TOKEN = "counter-agent-token";
const SILENCE_MS = 12_000;
const STALE_MS = 5000;
const REMEMBERED = 50;
const LONGEST_WAIT_MS = 10_000;
// Chrome's leave to reach this machine, which has had more than one name. A page that comes from this machine needs none.
const LEAVE = ["loopback-network", "local-network-access"];
const THIS_MACHINE = new Set(["127.0.0.1", "localhost", "[::1]"]);

let connection = null;
const had = [];

export function start() {
  document.getElementById("agent-pair").addEventListener("submit", (event) => {
    event.preventDefault();
    pair(event.target.elements.code);
  });
  document.getElementById("agent-forget").addEventListener("click", forget);
  // A stream that is left open counts against the four that the agent allows.
  addEventListener("pagehide", () => connection?.abort());
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
  connect();
}

function tell(state, values) {
  const paired = localStorage.getItem(TOKEN) !== null;
  const line = document.getElementById("agent-state");
  line.hidden = !paired && state === "off";
  line.dataset.state = state;
  line.textContent = say(`agent.${state}`, values);
  document.getElementById("agent-pair").hidden = paired;
  document.getElementById("agent-forget").hidden = !paired;
}

async function pair(field) {
  const answer = document.getElementById("agent-answer");
  try {
    const response = await fetch(`${AGENT}/pair`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: field.value.trim() }),
    });
    const body = await response.json();
    answer.textContent = response.ok ? say("agent.paired") : say(body.code === "WRONG_CODE" ? "agent.wrong-code" : "agent.not-paired");
    if (!response.ok) return;
    localStorage.setItem(TOKEN, body.token);
    field.value = "";
    connect();
  } catch {
    answer.textContent = say((await isKeptAway()) ? "agent.not-allowed" : "agent.nobody");
  }
}

/** Whether it may be the browser that keeps the page from this machine: then a fetch fails as if nobody listened. */
async function isKeptAway() {
  for (const name of LEAVE) {
    try {
      const { state } = await navigator.permissions.query({ name });
      return state === "denied" || (state === "prompt" && !THIS_MACHINE.has(location.hostname));
    } catch {
      // This browser does not know the name.
    }
  }
  return false;
}

function forget() {
  localStorage.removeItem(TOKEN);
  connection?.abort();
  connection = null;
  tell("off");
}

/** Listen until the page is left or the pairing ends; comes back by itself after an interruption. */
async function connect() {
  connection?.abort();
  const mine = new AbortController();
  connection = mine;
  let wait = 1000;
  let lastId = null;
  const heard = (id) => {
    lastId = id ?? lastId;
    wait = 1000;
  };
  while (!mine.signal.aborted) {
    const token = localStorage.getItem(TOKEN);
    if (token === null) {
      tell("off");
      return;
    }
    const seconds = await listen(token, lastId, mine.signal, heard);
    const state = (await isKeptAway()) ? "not-allowed" : "waiting";
    if (mine.signal.aborted) return;
    tell(state);
    await new Promise((resolve) => { setTimeout(resolve, Math.max(wait, seconds * 1000)); });
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

/** Read one stream to its end; returns how many seconds the agent asks us to stay away. */
async function listen(token, lastId, signal, heard) {
  const watch = new AbortController();
  const stop = AbortSignal.any([signal, watch.signal]);
  let timer = setTimeout(() => watch.abort(), SILENCE_MS);
  const headers = { Authorization: `Bearer ${token}` };
  if (lastId !== null) headers["Last-Event-ID"] = lastId;
  try {
    const response = await fetch(`${AGENT}/events`, { headers, signal: stop });
    if (response.status === 401) localStorage.removeItem(TOKEN);
    if (!response.ok) return Number(response.headers.get("Retry-After") ?? 0);
    tell("on");
    let rest = "";
    const text = response.body.pipeThrough(new TextDecoderStream());
    for await (const piece of pieces(text)) {
      clearTimeout(timer);
      timer = setTimeout(() => watch.abort(), SILENCE_MS);
      const blocks = (rest + piece).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) take(block, heard);
    }
  } catch {
    // Not there, gone, or silent for too long: the caller comes back.
  } finally {
    clearTimeout(timer);
  }
  return 0;
}

/** Not every browser can loop over a stream itself. */
async function* pieces(stream) {
  const reader = stream.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Read one event; a comment has neither a name nor data. */
function take(block, heard) {
  const fields = {};
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name) fields[name] = value;
  }
  if (!fields.event) return;
  heard(fields.id);
  if (fields.event !== "scan") return;
  const event = JSON.parse(fields.data);
  const stale = Date.now() - Date.parse(event.time) > STALE_MS;
  if (stale || had.includes(event.id) || document.visibilityState !== "visible") return;
  had.push(event.id);
  if (had.length > REMEMBERED) had.shift();
  scan.lookUp(event.number);
}
