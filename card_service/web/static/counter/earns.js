// Earns that wait for the service, kept in this browser with their bill numbers and times until each has its result.

import * as store from "./store.js";
import * as session from "./session.js";

const AT_ONCE = 50;
// The service takes 64 KiB in one body.
const MOST_BYTES = 60_000;
const PATIENCE_MS = 30_000;
const FORGET_SENT_MS = 24 * 3600 * 1000;
const TOO_MANY = 429;
const UNAVAILABLE = 500;

export const WAITING = "waiting";
export const SENT = "sent";
export const REFUSED = "refused";

const otherTabs = new BroadcastChannel("counter-earns");
const listeners = [];

/** Call `listener()` whenever an earn is kept, sent or removed, in this tab or another. */
export function onChange(listener) {
  listeners.push(listener);
}

function changed() {
  otherTabs.postMessage("changed");
  for (const listener of listeners) listener();
}

otherTabs.onmessage = () => {
  for (const listener of listeners) listener();
};

function here() {
  return document.getElementById("counter").dataset;
}

/** A bill number made at this till, by the same rule as the service's: moment and luck, below 2^53. */
export function newBillNumber() {
  return Date.now() * 1000 + (crypto.getRandomValues(new Uint16Array(1))[0] % 1000);
}

/** Keep an earn; resolves when it is on the disk. A bill number that is kept already is left as it is. */
export async function keep({ billId, cardNumber, billAmount, items }) {
  const { tenant, user } = here();
  const earn = {
    tenant, billId, cardNumber, billAmount, items, keptBy: user,
    occurredAt: new Date().toISOString(), state: WAITING, answer: null, problem: null,
  };
  try {
    await store.add("earns", earn);
  } catch (error) {
    if (error?.name !== "ConstraintError") throw error;
  }
  changed();
}

/** All earns that are kept, the oldest first; those sent a day ago are forgotten. */
export async function kept() {
  const earns = await store.all("earns", here().tenant);
  const old = (earn) => earn.state === SENT && Date.now() - Date.parse(earn.sentAt) > FORGET_SENT_MS;
  for (const earn of earns.filter(old)) await store.remove("earns", [earn.tenant, earn.billId]);
  return earns.filter((earn) => !old(earn)).sort((one, other) => one.occurredAt.localeCompare(other.occurredAt));
}

export async function remove(earn) {
  await store.remove("earns", [earn.tenant, earn.billId]);
  changed();
}

/** Forget those that were sent. */
export async function forgetSent() {
  for (const earn of await kept()) {
    if (earn.state === SENT) await store.remove("earns", [earn.tenant, earn.billId]);
  }
  changed();
}

/**
 * Send what waits, and keep each result. Returns the state of the session, or null when another tab is sending.
 * Whatever is not answered stays: sent twice, a bill is earned once.
 */
export function send() {
  return navigator.locks.request(`counter-earns-${here().tenant}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return null;
    const waiting = (await kept()).filter((earn) => earn.state === WAITING);
    if (!waiting.length) return session.SIGNED_IN;
    const state = await session.ask();
    if (state !== session.SIGNED_IN) return state;
    for (const some of inBodies(waiting)) {
      const after = await sendSome(some);
      if (after !== session.SIGNED_IN) return after;
    }
    return session.SIGNED_IN;
  });
}

/** Divide earns into what fits into one body; all that is in them is ASCII. */
function* inBodies(earns) {
  let some = [];
  let bytes = 0;
  for (const earn of earns) {
    const more = JSON.stringify(asBody(earn)).length + 1;
    if (some.length === AT_ONCE || (some.length && bytes + more > MOST_BYTES)) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(earn);
    bytes += more;
  }
  if (some.length) yield some;
}

async function sendSome(earns) {
  let response;
  let results;
  let taken;
  try {
    response = await fetch(`${session.pageAddress()}/earn-points/batch`, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrfToken() },
      body: JSON.stringify({ items: earns.map(asBody) }),
    });
    if (session.isSignedOut(response)) return session.SIGNED_OUT;
    // Whatever else it refuses whole, the service is there: these go on waiting, and the counter stays open.
    if (!response.ok) return session.isAway(response.status) ? session.AWAY_STATE : session.SIGNED_IN;
    ({ items: results, taken } = await response.json());
  } catch {
    return session.AWAY_STATE;
  }
  const byBill = new Map(results.map((result) => [result.billId, result]));
  const paid = new Map(taken.map((one) => [one.billId, one]));
  for (const earn of earns) await note({ ...earn, taken: paid.get(earn.billId) ?? null }, byBill.get(earn.billId));
  changed();
  return session.SIGNED_IN;
}

function asBody({ billId, cardNumber, billAmount, items, occurredAt }) {
  return { billId, cardNumber, billAmount, items, occurredAt };
}

function note(earn, result) {
  // No answer, or one that says to try again: it goes on waiting.
  if (!result || result.status >= UNAVAILABLE || result.status === TOO_MANY) return undefined;
  // Applied already, and only the answer was lost: then the points are where they belong.
  const sent = result.status < 300 || result.problem?.code === "BILL_ALREADY_EARNED";
  return store.put("earns", {
    ...earn,
    state: sent ? SENT : REFUSED,
    sentAt: new Date().toISOString(),
    answer: result.answer,
    replayed: result.replayed,
    problem: result.problem,
  });
}
