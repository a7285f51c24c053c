/** Texts that stand for values of other types. @module */

/** True for a uuid in one of the forms that Postgres reads and programs write. */
export function isUuid(value: unknown): boolean {
  return typeof value === "string" && value.length <= 38 &&
    /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/i.test(value);
}

/** Day and month in words, as `Date` prints them: only one reading is possible. */
const IN_WORDS =
  /^[a-z]{0,9},?\s?(?:\d{1,2}\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\s\d{1,4}[\d\s:,+-]*(?:gmt|utc)?[+\d]*$/i;

const DAY =
  /^(\d{4,6})([-/])(\d{2})\2(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6}\d*)?)?\s?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** What a text says about time: a day, a moment, or nothing that can be read without guessing. */
export function isTemporalText(text: string): "date" | "moment" | null {
  const found = text.length > 40 ? null : DAY.exec(text.trim());
  if (found === null) return text.length <= 40 && IN_WORDS.test(text) ? "moment" : null;
  const [, year, , month, day, hour, minute, second] = found;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const exists = Number(year) > 0 && Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 &&
    Number(day) <= lastDay;
  if (!exists || Number(hour ?? 0) > 24 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60) return null;
  return hour === undefined ? "date" : "moment";
}

/** True for hours and minutes, with or without seconds and a zone. */
export function isTimeText(text: string): boolean {
  return text.length <= 30 &&
    /^(?:[01]\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/i.test(text);
}

/** A decimal number as text, in its parts, or null. */
export function readDecimal(text: string): { digits: string; scale: number; negative: boolean } | null {
  const found = text.length > 1_200
    ? null
    : /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.trim());
  if (found === null || (found[2] === "" && (found[3] ?? "") === "")) return null;
  const fraction = found[3] ?? "";
  const whole = `${found[2]}${fraction}`.replace(/^0+/, "");
  const trailing = /0*$/.exec(whole)![0].length;
  const digits = whole.slice(0, whole.length - trailing);
  const scale = digits === "" ? 0 : fraction.length - trailing - Number(found[4] ?? 0);
  return { digits, scale, negative: found[1] === "-" && digits !== "" };
}

/** True for an address with an optional mask, or a hardware address. */
export function isNetworkText(text: string): boolean {
  if (text.length > 50) return false;
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/\d{1,2})?$/.exec(text);
  if (octets !== null) return octets.slice(1, 5).every((octet) => Number(octet) <= 255);
  return /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\/\d{1,3})?$/i.test(text) ||
    /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(text);
}
