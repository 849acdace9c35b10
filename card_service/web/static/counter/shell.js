// Asks the browser to keep the page itself, so that it opens without the service.

import * as store from "./store.js";

/** Register the script that answers for the page; at signing out, what it kept of the page is thrown away. */
export function keep(page) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.register(`${page}/service-worker.js`, { scope: page }).catch(() => {
    // A browser that refuses (a private window, a plain http address) works as before, online only.
  });
  for (const form of document.querySelectorAll("form.sign-out")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      navigator.serviceWorker.controller?.postMessage("forget");
      // The earns stay: they are somebody's points. The balances are nobody's business any more.
      await store.clear("balances").catch(() => {});
      form.submit();
    });
  }
}
