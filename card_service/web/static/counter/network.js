// Knows whether the service can be reached, tells the page, and looks again until it can.

import { AWAY_STATE, ask } from "./session.js";

const LOOK_AGAIN_MS = 3000;

let away = false;
let timer = null;
const listeners = [];

export function isAway() {
  return away;
}

/** Call `listener(away, state)` at every change; `state` is what session.ask() said when it came back. */
export function onChange(listener) {
  listeners.push(listener);
}

function tell(state) {
  document.getElementById("offline").hidden = !away;
  for (const listener of listeners) listener(away, state);
}

/** Note that a request did not reach the service. */
export function lost() {
  timer ??= setTimeout(look, LOOK_AGAIN_MS);
  if (away) return;
  away = true;
  tell(AWAY_STATE);
}

async function look() {
  clearTimeout(timer);
  timer = null;
  const state = await ask();
  if (state === AWAY_STATE) {
    lost();
  } else if (away) {
    away = false;
    tell(state);
  }
}

export function start() {
  addEventListener("offline", lost);
  // The browser only knows that it has some network, so the service itself is asked.
  addEventListener("online", look);
  if (!navigator.onLine) lost();
}
