// When a code that a camera saw is believed: as the scanner program does it.

const CARD_NUMBER = /^[!-~]{1,50}$/;
const REMEMBERED_FRAMES = 6;
const NEEDED_FRAMES = 2;

/** Say whether the two check digits of a number made by this service hold: ISO 7064 MOD 97-10, as in an IBAN. */
export function checkDigitsHold(number) {
  return /^\d{16}$/.test(number) && BigInt(number) % 97n === 1n;
}

/** Take out what a reader adds to a number: spaces and separators (GS). */
export function plainNumber(text) {
  return text.replaceAll(/[\s\u001d]/g, "");
}

/** Return a function that is told the codes of each frame, and answers the number once it can be believed. */
export function frameJudge() {
  const frames = [];
  return (codes) => {
    const numbers = new Set(codes.map((code) => plainNumber(code.text)).filter((number) => CARD_NUMBER.test(number)));
    // Two cards in one picture: nobody can say which one is meant.
    const number = numbers.size === 1 ? [...numbers][0] : null;
    frames.push(number);
    if (frames.length > REMEMBERED_FRAMES) frames.shift();
    if (number === null) return null;
    const sure = codes.some((code) => code.symbology === "QRCode") || checkDigitsHold(number);
    return sure || frames.filter((seen) => seen === number).length >= NEEDED_FRAMES ? number : null;
  };
}
