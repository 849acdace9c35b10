// Whether the service answers, and whether somebody is still signed in there.

// What a proxy or the service itself answers while the service cannot work.
const AWAY = new Set([502, 503, 504]);
// A network that swallows everything answers nothing, not even that it is away.
const PATIENCE_MS = 5000;

export const SIGNED_IN = "signed-in";
export const SIGNED_OUT = "signed-out";
export const AWAY_STATE = "away";

export function isAway(status) {
  return AWAY.has(status);
}

export function isSignedOut({ type, status }) {
  return type === "opaqueredirect" || status === 401 || status === 403;
}

/** The address of the counter page, also when the whole service is mounted below another path. */
export function pageAddress() {
  return new URL(document.getElementById("find").action).pathname.replace(/\/find$/, "");
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

/** Ask for the page again, take its CSRF token, and say where we stand. */
export async function ask() {
  let fresh;
  try {
    // Not followed: being sent to the sign-in page is the answer.
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(pageAddress(), { redirect: "manual", cache: "no-store", signal });
    if (isSignedOut(response)) return SIGNED_OUT;
    if (!response.ok) return AWAY_STATE;
    fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return AWAY_STATE;
  }
  const here = document.getElementById("counter").dataset;
  // Another pharmacy's people signed in on this machine meanwhile: what was kept here is not theirs to send.
  if (fresh.getElementById("counter")?.dataset.tenant !== here.tenant) return SIGNED_OUT;
  takeToken(fresh);
  return SIGNED_IN;
}

/** A page that was kept, or that was open while somebody signed in again, has the token of an ended session. */
function takeToken(fresh) {
  document.querySelector('meta[name="csrf-token"]').content = fresh.querySelector('meta[name="csrf-token"]').content;
  for (const name of ["hx-headers", "hx-headers:inherited"]) {
    const headers = fresh.body.getAttribute(name);
    if (headers !== null) document.body.setAttribute(name, headers);
  }
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = csrfToken();
}
