// The counter while the service cannot be reached: the last balance with its time, and bills kept to be sent later.

import { plainNumber } from "./acceptance.js";
import { readAmount, writeAmount } from "./amounts.js";
import { lastKnown } from "./balances.js";
import { addLine } from "./bill.js";
import * as earns from "./earns.js";
import * as network from "./network.js";
import { settle } from "./scan.js";
import { isAway } from "./session.js";
import { play } from "./sound.js";
import { moment, money, say } from "./texts.js";

const CARD_NUMBER = /^[!-~]{1,50}$/;

export function start() {
  // Known to be away: nothing is asked of the network, so the answer is at once.
  document.addEventListener("htmx:before:request", (event) => {
    if (!network.isAway()) return;
    event.preventDefault();
    standIn(event.detail.ctx);
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (!isAway(ctx.response.status)) return;
    event.preventDefault();
    network.lost();
    standIn(ctx);
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    // With an answer read to its end, it is not the network's doing.
    if (!ctx?.request || ctx.text !== undefined) return;
    network.lost();
    standIn(ctx);
  });
}

/** Do for a request what can be done without the service. */
function standIn({ sourceElement: source }) {
  if (source.id === "find") {
    showCard(plainNumber(document.getElementById("scan").value));
  } else if (source.id === "bill") {
    takeOver(source);
  } else if (source.id !== "preview") {
    refuse(say("offline.not-now"));
  }
}

function refuse(sentence) {
  const message = document.createElement("p");
  message.className = "message error";
  message.role = "alert";
  message.dataset.sound = "refuse";
  message.textContent = sentence;
  document.getElementById("messages").replaceChildren(message);
}

/** A bill that could not be applied: points cannot be paid now, but a bill in money can be kept, under its number. */
function takeOver(form) {
  if (form.elements.use?.value && form.elements.use.value !== "none") {
    refuse(say("offline.no-points"));
    return;
  }
  const lines = [...form.querySelectorAll(".bill-line")].map((line) => ({
    category: line.querySelector('[name="category"]').value,
    amount: line.querySelector('[name="amount"]').value,
  }));
  showCard(document.getElementById("card").dataset.cardNumber, {
    billId: Number(document.getElementById("bill-number").value), lines,
  });
}

/** Show what is known of a card, and a form for a bill that is kept. */
async function showCard(number, { billId = earns.newBillNumber(), lines = [] } = {}) {
  if (!CARD_NUMBER.test(number)) {
    refuse(say("offline.needs-number"));
    return;
  }
  document.getElementById("messages").replaceChildren();
  const known = await lastKnown(number);
  const panel = document.getElementById("offline-card").content.firstElementChild.cloneNode(true);
  const put = (name, text) => { panel.querySelector(`[data-part="${name}"]`).textContent = text; };
  put("number", number.replace(/^(\d{4})(\d{4})(\d{4})(\d{4})$/, "$1 $2 $3 $4"));
  put("balance", known ? say("offline.balance", { points: known.balanceText, worth: known.worthText }) : say("offline.unknown-card"));
  put("as-of", known ? say("offline.as-of", { time: moment(known.asOf) }) : "");
  const form = panel.querySelector("form");
  fillLines(form, lines);
  listen(form, { number, billId });
  document.getElementById("work").replaceChildren(panel);
  form.querySelector('[name="amount"]').autofocus = true;
  settle(panel);
  play(!known || known.status === "ACTIVE" ? "accept" : "refuse");
}

function fillLines(form, lines) {
  const list = form.querySelector("[data-part=lines]");
  const template = lineTemplate(form);
  for (const { category, amount } of lines.length ? lines : [{}]) {
    addLine(list, template);
    if (category) list.lastElementChild.querySelector("select").value = category;
    if (amount) list.lastElementChild.querySelector("input").value = amount;
  }
}

/** The line of a bill with the categories that the page knew when it was loaded. */
function lineTemplate(form) {
  const template = form.querySelector("template");
  const select = template.content.querySelector("select");
  const categories = JSON.parse(document.getElementById("counter").dataset.categories);
  select.replaceChildren(...categories.map(({ id, name }) => new Option(name, id)));
  return template;
}

function listen(form, bill) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches("[data-add-line]")) addLine(form.querySelector("[data-part=lines]"), form.querySelector("template"));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-part=problem]");
    const items = readItems(form);
    problem.textContent = items ? "" : say("offline.amount");
    if (!items) {
      play("refuse");
      return;
    }
    try {
      await keep(bill, items);
    } catch {
      // No room, or a browser that keeps nothing: better said than lost.
      refuse(say("offline.not-kept"));
    }
  });
}

/** The lines as the service takes them, or null when an amount cannot be read. */
function readItems(form) {
  const items = [];
  for (const line of form.querySelectorAll(".bill-line")) {
    const amount = readAmount(line.querySelector('[name="amount"]').value);
    if (!amount) {
      line.querySelector('[name="amount"]').focus();
      return null;
    }
    items.push({ categoryId: Number(line.querySelector("select").value), amount: writeAmount(amount) });
  }
  return items;
}

async function keep({ number, billId }, items) {
  const billAmount = writeAmount(items.reduce((sum, { amount }) => sum + readAmount(amount), 0n));
  await earns.keep({ billId, cardNumber: number, billAmount, items });
  const message = document.createElement("p");
  message.className = "message done";
  message.dataset.sound = "accept";
  message.textContent = say("offline.kept", { bill: billId, amount: money(billAmount) });
  document.getElementById("messages").replaceChildren(message);
  document.getElementById("work").replaceChildren();
  settle(document.getElementById("work"));
}
