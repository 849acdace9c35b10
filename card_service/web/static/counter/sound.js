// Two sounds that can be told apart without looking: a rising one for accepted, a low one twice for refused.

const SOUNDS = {
  accept: [[880, 0, 0.07], [1320, 0.08, 0.1]],
  refuse: [[220, 0, 0.14], [220, 0.2, 0.18]],
};
const VOLUME = 0.15;
const SWITCH = "counter-sound";

let audio = null;

/** Say whether the cashier wants sound; the choice belongs to this machine. */
export function isOn() {
  return localStorage.getItem(SWITCH) !== "off";
}

export function switchTo(on) {
  localStorage.setItem(SWITCH, on ? "on" : "off");
}

/** Play "accept" or "refuse"; before the first key or click the browser allows no sound. */
export function play(name) {
  if (!isOn() || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
  for (const [frequency, after, seconds] of SOUNDS[name]) tone(frequency, audio.currentTime + after, seconds);
}

function tone(frequency, start, seconds) {
  const oscillator = new OscillatorNode(audio, { type: shape(frequency), frequency });
  const gain = new GainNode(audio, { gain: 0 });
  // A ramp at both ends, or the speaker clicks.
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(VOLUME, start + 0.01);
  gain.gain.linearRampToValueAtTime(0, start + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}

/** A low tone needs overtones to be heard from a small speaker. */
function shape(frequency) {
  return frequency < 400 ? "square" : "sine";
}

/** Let a check box switch the sound on this machine, and let it be heard at once. */
export function offerSwitch(box) {
  box.checked = isOn();
  box.addEventListener("change", () => {
    switchTo(box.checked);
    play("accept");
  });
}
