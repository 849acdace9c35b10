// Keeps the counter page and its files, and gives them when the service cannot be reached.
// The service writes `KEPT` before this script: {release, page, files}.

const FILES = `counter-files-${KEPT.release}`;
// Deleted by sign-out.js.
const SHELL = "counter-shell";
// Longer than a slow answer, shorter than a cashier's patience.
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(FILES);
      await cache.addAll(KEPT.files);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("counter-files-") && name !== FILES) await caches.delete(name);
      }
      await self.clients.claim();
      // The page that registered this script was loaded before anybody could keep it.
      await keepPage(await fetch(KEPT.page).catch(() => null));
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (KEPT.files.includes(pathname)) {
    event.respondWith(file(request));
  } else if (request.mode === "navigate") {
    event.respondWith(page(request));
  }
});

/** A file never changes at its address, so the kept one is as good. */
async function file(request) {
  return (await caches.match(request, { cacheName: FILES })) ?? fetch(request);
}

/** The service's page if it comes in time, else the one that was kept. */
async function page(request) {
  const coming = fetch(request);
  coming.then(keepPage).catch(() => {});
  try {
    const answer = await Promise.race([coming, late()]);
    if (![502, 503, 504].includes(answer.status)) return answer;
    return (await kept()) ?? answer;
  } catch {
    return (await kept()) ?? coming;
  }
}

function late() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("late")), PATIENCE_MS);
  });
}

function kept() {
  return caches.match(KEPT.page, { cacheName: SHELL });
}

/** Keep the counter page as it is with nobody's card on it. */
async function keepPage(answer) {
  if (!answer?.ok || answer.redirected || new URL(answer.url).pathname !== KEPT.page) return;
  // Before anything is waited for: the browser reads the answer itself as soon as it has it.
  const copy = answer.clone();
  const cache = await caches.open(SHELL);
  await cache.put(KEPT.page, copy);
}
