// Asks the browser to keep the page itself, so that it opens without the service.

/** Register the script that answers for the page; what it kept is thrown away at signing out (sign-out.js). */
export function keep(page) {
  navigator.serviceWorker?.register(`${page}/service-worker.js`, { scope: page }).catch(() => {
    // A browser that refuses (a private window, a plain http address) works as before, online only.
  });
}
