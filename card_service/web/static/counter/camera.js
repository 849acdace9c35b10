// Reads a card that is held up to the camera, in the page: zxing-cpp as WebAssembly, kept on this service.

import { frameJudge } from "./acceptance.js";

const WASM = new URL("../zxing_wasm/reader/zxing_reader.wasm", import.meta.url).href;
const PAUSE_MS = 80;
const GIVE_UP_MS = 60_000;
// The codes that are on cards of this service; reading more kinds would only read more wrongly.
const OPTIONS = { formats: ["Code128", "QRCode"], tryHarder: true, tryRotate: true, maxNumberOfSymbols: 2 };

let reader = null;

/** Load the reader with the first use: it is a megabyte that most tills never need. */
async function load() {
  const zxing = await import("../zxing_wasm/es/reader/index.js");
  await zxing.prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true });
  return zxing.readBarcodes;
}

/**
 * Show the camera in `video` until a card is read, `signal` aborts, or a minute has passed.
 * Returns the number, or null; throws the browser's error when there is no camera or no permission.
 */
export async function readCard(video, signal) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  try {
    if (signal.aborted) return null;
    video.srcObject = stream;
    reader ??= load();
    reader.catch(() => { reader = null; });
    const [readBarcodes] = await Promise.all([reader, video.play()]);
    return await look(video, readBarcodes, signal);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function look(video, readBarcodes, signal) {
  const canvas = new OffscreenCanvas(1, 1);
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const judge = frameJudge();
  const end = performance.now() + GIVE_UP_MS;
  while (!signal.aborted && performance.now() < end) {
    if (video.videoWidth) {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      brush.drawImage(video, 0, 0);
      const codes = await readBarcodes(brush.getImageData(0, 0, canvas.width, canvas.height), OPTIONS);
      const number = judge(codes.filter((code) => code.isValid));
      if (number !== null) return number;
    }
    // A pause, or the page could not be used while the camera looks.
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
  }
  return null;
}
