// The last balance of each card that this till has shown, for the time when the service cannot be asked.

import * as store from "./store.js";

const KEPT_MS = 7 * 24 * 3600 * 1000;

/** Remember what the card panel in `work` shows, if there is one. */
export async function remember(work) {
  const card = work.querySelector("#card[data-card-number]");
  if (!card) return;
  const { tenant } = document.getElementById("counter").dataset;
  const { cardNumber, balanceText, worthText, asOf, status } = card.dataset;
  await store.put("balances", { tenant, number: cardNumber, balanceText, worthText, asOf, status });
}

/** The last balance shown for a number, or undefined. */
export function lastKnown(number) {
  const { tenant } = document.getElementById("counter").dataset;
  return store.get("balances", [tenant, number]);
}

/** Forget what is a week old: it would mislead, and a till is no place to collect customers. */
export async function forgetOld() {
  const { tenant } = document.getElementById("counter").dataset;
  for (const { number, asOf } of await store.all("balances", tenant)) {
    if (Date.now() - Date.parse(asOf) > KEPT_MS) await store.remove("balances", [tenant, number]);
  }
}
