/** Texts that stand for values of other types. @module */

/** True for a uuid in one of the forms that Postgres reads and programs write. */
export function isUuid(value: unknown): boolean {
  return typeof value === "string" && value.length <= 38 &&
    /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/i.test(value);
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
/** Day and month in words, where only one reading is possible; `GMT` with an offset has two. */
const IN_WORDS =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s)?(?:(\d{1,2})\s([a-z]{3,9}),?|([a-z]{3,9})\s(\d{1,2}),?)\s(\d{4})(?:\s([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s(?:gmt|utc))?)?$/i;

function inWords(text: string): "date" | "moment" | null {
  const [, dayFirst, monthSecond, monthFirst, daySecond, year, hour] = IN_WORDS.exec(text) ?? [];
  const month = MONTHS.indexOf((monthSecond ?? monthFirst ?? "").slice(0, 3).toLowerCase()) + 1;
  if (!isDay(Number(year), month, Number(dayFirst ?? daySecond))) return null;
  return hour === undefined ? "date" : "moment";
}

function isDay(year: number, month: number, day: number): boolean {
  return year > 0 && month >= 1 && month <= 12 && day >= 1 &&
    day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const DAY =
  /^(\d{4,6})([-/])(\d{2})\2(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6}\d*)?)?\s?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** What a text says about time: a day, a moment, or nothing that can be read without guessing. */
export function isTemporalText(text: string): "date" | "moment" | null {
  const found = text.length > 40 ? null : DAY.exec(text.trim());
  if (found === null) return text.length <= 40 ? inWords(text) : null;
  const [, year, , month, day, hour, minute, second] = found;
  const exists = isDay(Number(year), Number(month), Number(day));
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

/** True for an address of the internet, with an optional mask. */
export function isNetworkText(text: string): boolean {
  if (text.length > 50) return false;
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(?:[12]?\d|3[0-2]))?$/.exec(text);
  if (octets !== null) return octets.slice(1, 5).every((octet) => Number(octet) <= 255);
  const groups = /^([0-9a-f:]+)(?:\/\d{1,2})?$/i.exec(text)?.[1];
  const parts = groups?.split("::") ?? [];
  const written = parts.flatMap((part) => part === "" ? [] : part.split(":"));
  if (!written.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return parts.length === 2 ? written.length < 8 : parts.length === 1 && written.length === 8;
}

/** True for a hardware address in the form that most write. */
export function isHardwareText(text: string): boolean {
  return text.length <= 23 &&
    /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?$/i.test(text);
}

const UNIT =
  "(?:microsecond|millisecond|second|sec|minute|min|hour|hr|day|week|month|mon|year|yr|decade|century|[smhdwy])s?";
const SPAN = new RegExp(
  `^[+-]?\\d{1,9}(?:\\.\\d{1,6})?\\s{0,3}${UNIT}(?:\\s{1,3}[+-]?\\d{1,9}(?:\\.\\d{1,6})?\\s{0,3}${UNIT}){0,9}(?:\\s{1,3}ago)?$`,
  "i",
);

/** True for a span of time in units, in hours and minutes, or in the form of ISO 8601. */
export function isIntervalText(text: string): boolean {
  if (text.length > 100) return false;
  if (SPAN.test(text) || /^-?\d{1,6}:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/.test(text)) return true;
  return /^P(?=.)(?:\d{1,9}Y)?(?:\d{1,9}M)?(?:\d{1,9}W)?(?:\d{1,9}D)?(?:T(?=.)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,6})?S)?)?$/
    .test(text);
}
