/** Personal data: e-mail addresses, payment cards, bank accounts, social security and phone numbers. @module */

import { placeholder, type RedactionRule } from "./rule.ts";

/** Endings of file names that look like the last part of a mail domain. */
const FILE_ENDING =
  /\.(?:[cm]?[jt]sx?|json|html?|css|map|png|jpe?g|gif|svg|webp|ico|wasm|vue|svelte|lock|ya?ml|toml)$/i;

/** Length of an IBAN by country, of the SWIFT registry. */
const ACCOUNT_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AT: 20,
  BE: 16,
  BG: 22,
  BR: 29,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IS: 26,
  IT: 27,
  KW: 30,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MT: 31,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TR: 26,
  UA: 29,
};

/** Six signs of a number, however it is written. */
const NUMBER = /\d[\d ().\-/\u00a0\u2011]{5}/;

/** Rules for personal data, in the order in which they must run. */
export const PERSONAL_RULES: readonly RedactionRule[] = [
  {
    kind: "email",
    needs: /@|%40/,
    pattern:
      /(?<![\p{L}\p{N}_.+-])[\p{L}\p{N}_][\p{L}\p{N}._+'-]{0,63}(?:@|%40)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,6}[\p{L}]{2,24}(?![\w-])(?!:\d)/gu,
    replace: (match) => isAddress(match) ? placeholder("email") : undefined,
  },
  {
    kind: "card",
    needs: NUMBER,
    pattern:
      /(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-]|\.\d)/g,
    replace: (match) => isCard(match.replace(/\D/g, "")) ? placeholder("card") : undefined,
  },
  {
    kind: "iban",
    needs: /[A-Z]{2}\d\d ?[A-Z0-9]{4}/,
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g,
    replace: (match) => redactAccount(match),
  },
  {
    kind: "ssn",
    needs: NUMBER,
    pattern: /(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-]|\.\d)/g,
  },
  {
    kind: "phone",
    needs: NUMBER,
    pattern: /(?<![\w+.%/-])(?:\+[1-9]|00[1-9]\d{0,2}[ ./-])[\d ().\-/\u00a0\u2011]{5,28}\d(?!\w)/g,
    replace: (match) => isInternational(match) ? placeholder("phone") : undefined,
  },
  {
    // North America: three, three, four.
    kind: "phone",
    needs: NUMBER,
    pattern:
      /(?<![\w+.%/-])(?:1[ .-])?(?:\([2-9]\d\d\)[ .-]?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?![\w-]|\.\d)/g,
  },
  {
    // Trunk zero: 020 7946 0958, 0171-1234567, 030/1234567, 06 12 34 56 78.
    kind: "phone",
    needs: NUMBER,
    pattern:
      /(?<![\w+.,:%-])\(?0[1-9]\d{0,3}\)?(?:[ /-]\d{3,4}[ -]?\d{3,5}|[ ./-]\d{6,8}|(?:[ .-]\d\d){4})(?![\w-]|[.,:]\d)/g,
  },
  {
    kind: "phone",
    needs: NUMBER,
    pattern:
      /((?:phone|mobile|cell|tel|fax|whatsapp|msisdn)(?:[ _-]?(?:number|no))?\\{0,3}["']?\s{0,3}[:=]\s{0,3}\\{0,3}["']?)(\+?[\d][\d ().-]{5,18}\d)(?!\w)/gi,
    replace: (_match, [name]) => name + placeholder("phone"),
  },
];

function isAddress(match: string): boolean {
  const [local = "", domain = ""] = match.split(/@|%40/);
  if (local === "git" || FILE_ENDING.test(domain)) return false;
  // name@1.2.3-beta.next is a package version.
  return !/^\d+\.\d+(?:\.|$)/.test(domain);
}

function isCard(digits: string): boolean {
  return hasIssuer(digits) && passesLuhn(digits);
}

/** Issuer and length; without it every tenth long id would pass as a card. */
function hasIssuer(digits: string): boolean {
  const length = digits.length;
  if (/^4/.test(digits)) return length === 13 || length === 16 || length === 19;
  if (/^3[47]/.test(digits)) return length === 15;
  if (/^3(?:0[0-5]|[689])/.test(digits)) return length === 14;
  if (/^(?:5[1-5]|2[2-7]|35)/.test(digits)) return length === 16;
  return /^(?:6011|65|64[4-9]|62|6304|6759|676[1-3]|50(?:18|20|38))/.test(digits) && length >= 16;
}

function passesLuhn(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The account may be followed by a word in capitals, so its country says where it ends. */
function redactAccount(match: string): string | undefined {
  const length = ACCOUNT_LENGTHS[match.slice(0, 2)];
  if (length === undefined) return undefined;
  const account = match.match(new RegExp(`^(?:[A-Z0-9] ?){${length}}(?![A-Z0-9])`))?.[0];
  if (account === undefined || !passesMod97(account.replaceAll(" ", ""))) {
    return undefined;
  }
  return placeholder("iban") + (account.endsWith(" ") ? " " : "") +
    match.slice(account.length);
}

/** ISO 7064: the rearranged account leaves 1 when divided by 97. */
function passesMod97(account: string): boolean {
  let rest = 0;
  for (const sign of account.slice(4) + account.slice(0, 4)) {
    for (const digit of String(parseInt(sign, 36))) {
      rest = (rest * 10 + Number(digit)) % 97;
    }
  }
  return rest === 1;
}

/** A sum such as `+1234567.50` or a run of several numbers is no phone number. */
function isInternational(match: string): boolean {
  const digits = match.replace(/\D/g, "");
  return digits.length >= 8 && digits.length <= 17 &&
    !/\d\.\d{1,2}$|[-/] | {2}| [-/]/.test(match);
}
