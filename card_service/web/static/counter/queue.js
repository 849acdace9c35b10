// Shows the earns that are kept in this browser, each with its result, and sends them when the service is back.

import * as earns from "./earns.js";
import * as network from "./network.js";
import { SIGNED_IN, SIGNED_OUT, AWAY_STATE } from "./session.js";
import { moment, money, points, say } from "./texts.js";

const TRY_AGAIN_MS = 15_000;

let section;
let sending = false;
let again = null;

export function start() {
  section = document.getElementById("queue");
  document.getElementById("queue-send").addEventListener("click", send);
  document.getElementById("queue-clear").addEventListener("click", () => earns.forgetSent());
  earns.onChange(show);
  network.onChange((away) => {
    if (!away) send();
  });
  show();
  if (!network.isAway()) send();
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(again);
  try {
    await judge(await earns.send());
  } finally {
    sending = false;
    await show();
  }
}

/** After sending: say what stands in the way, and come back by itself where waiting helps. */
async function judge(state) {
  const waits = (await earns.kept()).some((earn) => earn.state === earns.WAITING);
  const note = document.getElementById("queue-note");
  const signIn = document.getElementById("queue-sign-in");
  signIn.hidden = !(waits && state === SIGNED_OUT);
  note.textContent = signIn.hidden ? "" : say("queue.signed-out");
  if (!waits || state === SIGNED_OUT) return;
  if (state === AWAY_STATE) network.lost();
  if (state === SIGNED_IN || state === null) note.textContent = say("queue.again");
  again = setTimeout(send, TRY_AGAIN_MS);
}

async function show() {
  const kept = await earns.kept();
  const waiting = kept.filter((earn) => earn.state === earns.WAITING).length;
  section.hidden = kept.length === 0;
  document.getElementById("queue-count").textContent = say(waiting ? "queue.waiting" : "queue.none-waiting", { count: waiting });
  document.getElementById("queue-send").hidden = waiting === 0;
  document.getElementById("queue-clear").hidden = !kept.some((earn) => earn.state === earns.SENT);
  document.getElementById("queue-list").replaceChildren(...kept.map(line));
}

function line(earn) {
  const item = document.getElementById("queue-line").content.firstElementChild.cloneNode(true);
  item.dataset.state = earn.state;
  item.dataset.billId = earn.billId;
  const put = (name, text) => { item.querySelector(`[data-part="${name}"]`).textContent = text; };
  put("what", say("queue.line", {
    bill: earn.billId, amount: money(earn.billAmount), card: `…${earn.cardNumber.slice(-4)}`, time: moment(earn.occurredAt),
  }));
  put("result", earn.taken ? `${result(earn)}. ${taken(earn.taken)}` : result(earn));
  const button = item.querySelector("[data-remove]");
  button.hidden = earn.state !== earns.REFUSED;
  button.addEventListener("click", () => removeAtSecondClick(button, earn));
  return item;
}

function result(earn) {
  if (earn.state === earns.SENT && !earn.answer) return say("queue.earned-already");
  if (earn.state === earns.SENT) {
    // A bill earns its bonuses too. An answer that was kept by an older page has none.
    const earned = earn.answer.pointsEarned + (earn.answer.bonusPoints ?? 0);
    const figures = { points: points(earned), balance: points(earn.answer.newBalance) };
    return say(earn.replayed ? "queue.sent-before" : "queue.sent", figures);
  }
  if (earn.state === earns.REFUSED) return say("queue.refused", { reason: earn.problem.detail });
  return say("queue.line-waits");
}

/** Points went for it before its answer was lost, and then the cashier was told to take it all in money. */
function taken(paid) {
  return say("queue.taken", { points: points(paid.points), amount: money(paid.amount) });
}

/** A bill that was refused is only taken away by somebody who has read why. */
function removeAtSecondClick(button, earn) {
  if (button.dataset.asked) {
    earns.remove(earn);
  } else {
    button.dataset.asked = "yes";
    button.textContent = say("queue.remove-really");
  }
}
