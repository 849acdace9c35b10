// Whichever page somebody signs out on, what this browser kept of the counter is thrown away first.

import * as store from "./store.js";

// As the service worker calls it, which most pages cannot reach: it answers for the counter only.
const SHELL = "counter-shell";

for (const form of document.querySelectorAll("form[data-ends-session]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Without a secure address the browser keeps no page. The earns stay: they are somebody's points.
    await Promise.allSettled([globalThis.caches?.delete(SHELL), store.clear("balances")]);
    form.submit();
  });
}
