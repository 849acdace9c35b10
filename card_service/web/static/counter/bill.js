// The form of a bill: lines that come and go, and how points pay follows from what is typed.

const CHOOSES = { points: "use-points", money: "use-rest" };

/** Copy the template `line` to the end of `lines`, and put the cursor into its amount. */
export function addLine(lines, line) {
  lines.append(line.content.cloneNode(true));
  lines.lastElementChild.querySelector('input[name="amount"]').focus();
}

/** Take a line out, but never the last; the form is told, because its preview depends on it. */
export function removeLine(line) {
  const form = line.closest("form");
  const lines = line.parentElement;
  if (lines.querySelectorAll(".bill-line").length === 1) {
    line.querySelector('input[name="amount"]').value = "";
  } else {
    line.remove();
  }
  lines.querySelector('input[name="amount"]').focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Ask for the preview again, and put the cursor where it was waiting: into the first amount. */
export function workOutAgain() {
  const amount = document.querySelector('#bill-lines input[name="amount"]');
  amount?.focus();
  amount?.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Listen for the forms of bills, whenever they come. */
export function listen() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.id === "add-line") addLine(document.getElementById("bill-lines"), document.getElementById("bill-line-template"));
    if (button?.matches("[data-remove-line]")) removeLine(button.closest(".bill-line"));
    if (button?.matches("[data-print]")) print();
  });
  document.addEventListener("input", (event) => {
    const radio = document.getElementById(CHOOSES[event.target.id]);
    if (radio && event.target.value.trim()) radio.checked = true;
  }, { capture: true });
}
