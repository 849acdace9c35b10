// The field that waits for a scan, and a reader that "types" wherever the cursor happens to be.

import { plainNumber } from "./acceptance.js";

// No person types eight characters at under 50 ms each; every reader does, though a busy machine may stumble once.
const READER_PACE_MS = 50;
const READER_LENGTH = 8;
const PAUSE_MS = 150;
// What the field held when it was last sent: anything else in it is the next scan.
let sent = "";
const typed = { field: null, before: "", text: "", first: 0, last: 0 };
const TEXT_FIELD = "input:not([type=radio], [type=checkbox], [type=hidden], [type=submit], [type=button]), textarea, select";

// Here a scan is what the form asks for: the card to be given out, who referred, the bill on a receipt.
const TAKES_SCANS = "#find *, [name=card_number], [name=referrer], [name=bill_id]";

/** Look up a number as if it had been typed into the field. */
export function lookUp(number) {
  const field = document.getElementById("scan");
  field.value = plainNumber(number);
  document.getElementById("find").requestSubmit();
}

/** Put the cursor where the next scan goes; what stands there is typed over. */
export function waitForScan() {
  const field = document.getElementById("scan");
  field.focus();
  field.select();
}

/**
 * Put the cursor where the next key goes: into what has just been shown, or else to the scan field.
 * A reader that is in the middle of the next card loses nothing: what it has typed moves along.
 */
export function settle(work) {
  const field = document.getElementById("scan");
  const elsewhere = performance.now() - typed.last < PAUSE_MS ? typed.text : "";
  const begun = field.value && field.value !== sent ? field.value : elsewhere;
  field.value = begun;
  if (begun) {
    field.focus();
    field.setSelectionRange(begun.length, begun.length);
  } else {
    (work.querySelector("[autofocus]") ?? field).focus();
  }
}

/** Start to watch the keyboard. */
export function listen() {
  // The next scan is typed over this one, also while its answer is on the way.
  document.getElementById("find").addEventListener("submit", () => {
    const field = document.getElementById("scan");
    sent = field.value;
    field.select();
  });
  // Before everything else hears the key, so that a reader's Enter does not send the form its digits landed in.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target.closest?.(TEXT_FIELD) ?? null;
    if (event.key === "Enter") {
      if (isReader(field, event.timeStamp)) takeBack(event);
      typed.text = "";
    } else if (event.key.length === 1) {
      note(field, event);
      if (!field && !document.querySelector("dialog[open]") && event.key !== " ") waitForScan();
    }
  }, { capture: true });
}

function note(field, event) {
  const gap = event.timeStamp - typed.last;
  // A reader types on when the field under it goes away; a person who changes the field begins anew.
  if (gap > (field === typed.field ? PAUSE_MS : READER_PACE_MS)) Object.assign(typed, { text: "", first: event.timeStamp });
  if (field !== typed.field) Object.assign(typed, { field, before: field?.value ?? "" });
  if (!typed.text) typed.before = field?.value ?? "";
  typed.text += event.key;
  typed.last = event.timeStamp;
}

function isReader(field, now) {
  if (field === null || field !== typed.field || field.matches(TAKES_SCANS)) return false;
  return typed.text.length >= READER_LENGTH && now - typed.first <= typed.text.length * READER_PACE_MS;
}

/** Undo the typing in a field that was not meant, and look the number up. */
function takeBack(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  typed.field.value = typed.before;
  lookUp(typed.text);
}
