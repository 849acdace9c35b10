// Shortcuts: an element says its keys in aria-keyshortcuts, where screen readers find them too.

/** Name the keys of an event as aria-keyshortcuts writes them: "F2", "Alt+U", "Control+Enter". */
function keysOf(event) {
  const held = [];
  if (event.ctrlKey) held.push("Control");
  if (event.altKey) held.push("Alt");
  if (event.metaKey) held.push("Meta");
  if (event.shiftKey && event.key.length > 1) held.push("Shift");
  // By the place of the key: with Alt held, some layouts give another letter.
  const key = /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
  return [...held, key].join("+");
}

function reachable(element) {
  return !element.disabled && element.checkVisibility({ visibilityProperty: true });
}

/** Start to listen; a shortcut clicks a button or link, and puts the cursor into a field. */
export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    // A dialog that is open has the keyboard to itself.
    if (document.querySelector("dialog[open]")) return;
    const keys = keysOf(event);
    const targets = document.querySelectorAll(`[aria-keyshortcuts~="${CSS.escape(keys)}"]`);
    const target = [...targets].find(reachable);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) {
      target.focus();
      target.select?.();
    } else {
      target.click();
    }
  });
}
