// The counter page: joins its parts together.

import * as agent from "./agent.js";
import * as balances from "./balances.js";
import * as bill from "./bill.js";
import * as cameraButton from "./camera-button.js";
import * as keyboard from "./keyboard.js";
import * as network from "./network.js";
import * as offline from "./offline.js";
import * as queue from "./queue.js";
import * as scan from "./scan.js";
import * as sound from "./sound.js";
import { pageAddress } from "./session.js";
import * as shell from "./shell.js";

const work = document.getElementById("work");

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx.target;
  if (target === work) {
    scan.settle(work);
    balances.remember(work);
  } else if (target?.id === "card") {
    // The customer has joined a campaign: the bill may earn more now, and the cursor goes back to it.
    bill.workOutAgain();
  } else if (target?.id === "messages" && event.detail.ctx.sourceElement.id === "find") {
    scan.waitForScan();
  }
});

// Every answer says itself which sound it has.
new MutationObserver(() => {
  const named = document.querySelector("#messages [data-sound]");
  if (named) sound.play(named.dataset.sound);
}).observe(document.getElementById("messages"), { childList: true });

keyboard.listen();
scan.listen();
bill.listen();
offline.start();
network.start();
queue.start();
cameraButton.start();
agent.start();
sound.offerSwitch(document.getElementById("sound-on"));
balances.remember(work).then(balances.forgetOld);
shell.keep(pageAddress());
