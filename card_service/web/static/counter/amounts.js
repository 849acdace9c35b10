// Amounts as a cashier types them, counted in hundredths: a browser's own numbers cannot add 0.10 and 0.20.

// As web/amounts.py reads them: the last group has three digits, for "12,50" may be 12.50 or a slip of 1,250.
const AMOUNT = /^(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d{1,2})?$/;
const LONGEST = 20;
const MOST_HUNDREDTHS = 999_999_999_999n;
// Where the zero of a script's digits is: Western, Devanagari.
const ZEROS = [0x30, 0x966];

/** Read "1234.5", "1,23,456.00" or Devanagari digits; returns hundredths as a BigInt, or null. */
export function readAmount(text) {
  const western = text.trim().replace(/\p{Nd}/gu, (digit) => {
    const zero = ZEROS.find((first) => digit.codePointAt(0) >= first && digit.codePointAt(0) < first + 10);
    return zero === undefined ? digit : String(digit.codePointAt(0) - zero);
  });
  if (western.length > LONGEST || !AMOUNT.test(western)) return null;
  const [whole, decimals = ""] = western.replaceAll(",", "").split(".");
  const hundredths = BigInt(whole + decimals.padEnd(2, "0"));
  return hundredths > MOST_HUNDREDTHS ? null : hundredths;
}

/** Write hundredths as the exact text that the service takes: "1234.50". */
export function writeAmount(hundredths) {
  const digits = String(hundredths).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
