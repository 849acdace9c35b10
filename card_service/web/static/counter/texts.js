// The sentences that scripts show: the page brings them in its own language, in template#texts.

/** Return the sentence called `name`, with {this} replaced by `values.this`. */
export function say(name, values = {}) {
  const sentence = document.getElementById("texts").content.querySelector(`[data-text="${name}"]`);
  if (!sentence) throw new Error(`The page has no sentence called ${name}.`);
  return sentence.textContent.trim().replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

function locale() {
  return document.getElementById("counter").dataset.locale;
}

/** Write a moment as people of the page's language do: with the day when it is not today's. */
export function moment(when) {
  const time = new Date(when);
  const today = time.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(locale(), style).format(time);
}

/** Write an amount in the tenant's currency; `amount` is the exact text of it, such as "1234.50". */
export function money(amount) {
  const { currency } = document.getElementById("counter").dataset;
  return new Intl.NumberFormat(locale(), { style: "currency", currency }).format(amount);
}

/** Write points: two places, as the books keep them. */
export function points(amount) {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: 2 }).format(amount);
}
