// The button that scans with this machine's camera, and the picture of what it sees.

import { lookUp, waitForScan } from "./scan.js";
import { say } from "./texts.js";
import { play } from "./sound.js";

let looking = null;

export function start() {
  const button = document.getElementById("camera-button");
  // Without a secure address the browser has no camera to offer.
  button.hidden = !navigator.mediaDevices?.getUserMedia;
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => (looking ? looking.abort() : look(button)));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !looking) return;
    event.preventDefault();
    looking.abort();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) looking?.abort();
  });
}

async function look(button) {
  looking = new AbortController();
  const place = document.getElementById("camera");
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.setAttribute("aria-label", say("camera.picture"));
  const hint = document.createElement("p");
  hint.textContent = say("camera.hint");
  place.replaceChildren(video, hint);
  place.hidden = false;
  button.setAttribute("aria-expanded", "true");
  let sentence = null;
  try {
    const { readCard } = await import("./camera.js");
    const number = await readCard(video, looking.signal);
    if (number !== null) {
      lookUp(number);
    } else if (!looking.signal.aborted) {
      sentence = say("camera.nothing");
    }
  } catch (error) {
    sentence = say(error.name === "NotAllowedError" ? "camera.not-allowed" : error.name === "NotFoundError" ? "camera.none" : "camera.failed");
  } finally {
    looking = null;
    place.hidden = sentence === null;
    place.replaceChildren();
    if (sentence !== null) place.append(Object.assign(document.createElement("p"), { textContent: sentence, role: "alert" }));
    button.setAttribute("aria-expanded", "false");
  }
  if (sentence !== null) {
    play("refuse");
    waitForScan();
  }
}
