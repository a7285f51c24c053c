/** What counts as a value, and the placeholder that stands for it; the first rule that fits wins. @module */

import { readHost, readRoute } from "./places.ts";
import { isVariable } from "./words.ts";

/** A sticky, bounded expression for one kind of value. */
export interface ValueRule {
  /** The placeholder is `<name>`. */
  name: string;
  /** Which first characters are worth a try. */
  starts: RegExp;
  pattern: RegExp;
  /** The replacement, where the placeholder alone would say too little. */
  replace?: (match: string) => string;
}

const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}";
const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}";
const CLOCK = "\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?:\\s?[AP]M)?";
const ZONE = "(?:\\s?(?:Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?))?";
const NUMBER = "\\d{1,30}(?:[.,]\\d{1,30}){0,4}";
const END = "(?![A-Za-z0-9_])";

function rule(name: string, starts: RegExp, pattern: string, replace?: (match: string) => string): ValueRule {
  return { name, starts, pattern: new RegExp(pattern, "y"), ...(replace === undefined ? {} : { replace }) };
}

const DIGIT = /[0-9]/;
const HEX = /[0-9a-fA-F]/;
const LETTER = /[A-Za-z]/;
const WORD = /[A-Za-z0-9]/;

/** The rules in their order. */
export const VALUE_RULES: readonly ValueRule[] = [
  // A plain number in a list needs no further look.
  rule("n", DIGIT, "\\d{1,30}(?=$|[,;)\\]}\"']| \\d)"),
  rule(
    "url",
    LETTER,
    "[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\\s\"'<>`()]{1,2000}(?<![.,;:!?\\])}])",
    (url) => `<url:${readHost(url)}>`,
  ),
  rule("email", WORD, "[\\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\\.){1,6}[A-Za-z]{2,24}" + END),
  rule("uuid", HEX, "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}" + END),
  rule("trace", HEX, "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}" + END),
  rule("jwt", /e/, "eyJ[\\w-]{5,4000}(?:\\.[\\w-]{0,4000}){1,4}"),
  rule("time", DIGIT, `\\d{4}-\\d\\d-\\d\\d(?:[T ]${CLOCK}${ZONE})?${END}`),
  rule("time", DIGIT, `\\d{1,2}[/.]\\d{1,2}[/.]\\d{4}(?:,? ${CLOCK}${ZONE})?${END}`),
  rule("time", DIGIT, `\\d{1,2} ${MONTH} \\d{4}(?: ${CLOCK}${ZONE})?`),
  rule(
    "time",
    /[A-Z]/,
    `(?:${DAY},? )?(?:\\d{1,2} ${MONTH}|${MONTH} \\d{1,2},?) (?:${CLOCK} )?\\d{4}(?: ${CLOCK})?${ZONE}`,
  ),
  rule("time", DIGIT, `\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?${ZONE}${END}`),
  rule("ip", DIGIT, "\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}(?::\\d{1,5}|/\\d{1,2})?(?![\\w.])"),
  rule(
    "ip",
    HEX,
    "(?=[0-9a-fA-F:]{1,36}(?:::|:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:))(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}" +
      END,
  ),
  rule("ip", /[[:]/, "\\[?(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}\\]?(?::\\d{1,5})?(?![\\w:])"),
  rule("hex", /0/, "0[xX][0-9a-fA-F]{1,128}" + END),
  rule(
    "path",
    /[A-Za-z]/,
    "[A-Za-z]:\\\\[^\\s\"'<>|?*]{1,400}",
    (path) => readRoute(path.replaceAll("\\", "/")),
  ),
  rule(
    "path",
    /[/~.]/,
    "(?:~|\\.{1,2})?/[\\w.@~+%-]{1,200}(?:/[\\w.@~+%*:[\\]-]{1,200}){0,40}/?(?:\\?[^\\s\"'<>)]{0,1000})?",
    readRoute,
  ),
  rule(
    "duration",
    DIGIT,
    `${NUMBER}\\s?(?:ms|milliseconds?|µs|us|ns|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)${END}|(?:\\d{1,9}(?:\\.\\d{1,9})?(?:h|ms|m|s)){2,4}${END}`,
  ),
  rule("size", DIGIT, `${NUMBER}\\s?(?:[kKMGT]i?B|[kKMGT]b|bytes?|B)${END}`),
  rule("hash", HEX, "(?=[0-9]{0,40}[a-fA-F])(?=[a-fA-F]{0,40}[0-9])[0-9a-fA-F]{7,128}" + END),
  rule(
    "id",
    DIGIT,
    `[0-9][A-Za-z0-9_]{9,127}${END}`,
    (id) => isVariable(id) && /[A-Za-z]/.test(id) ? "<id>" : /^\\d+$/.test(id) ? "<n>" : id,
  ),
  rule("n", DIGIT, `${NUMBER}%?${END}`),
];
