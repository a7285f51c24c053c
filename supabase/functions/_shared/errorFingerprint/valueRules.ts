/** What counts as a value, and the placeholder that stands for it; the first rule that fits wins. @module */

import { readHost, readRoute } from "./places.ts";
import { isEncoded, isGenerated, isVariable } from "./randomText.ts";
import { TIMES_BY_DIGIT, TIMES_BY_NAME } from "./times.ts";

/** A sticky, bounded expression for one kind of value. */
export interface ValueRule {
  /** The placeholder is `<name>`. */
  name: string;
  /** Which first characters are worth a try. */
  starts: RegExp;
  pattern: RegExp;
  /** Without this somewhere in the text the rule fits nowhere. */
  needs?: RegExp;
  /** The replacement, where the placeholder alone would say too little; undefined lets the next rule try. */
  replace?: (match: string) => string | undefined;
}

const END = "(?![A-Za-z0-9_])";
const NUMBER = "(?:\\d{1,3}(?:[ '’\\u00a0\\u202f]\\d{3}){1,6}(?:[.,]\\d{1,12})?(?!\\d|[.:/]\\d)|" +
  "\\d{1,40}(?:[.,]\\d{1,30}){0,6}(?:[eE][-+]?\\d{1,4})?)";
const SIGN = "[-+±−]?";
const MONEY = "[$€£¥₹₽₩₿]";
const CURRENCY =
  "(?:USDC?|EUR|GBP|CHF|JPY|CNY|INR|BRL|CAD|AUD|SEK|NOK|DKK|PLN|CZK|MXN|KRW|ETH|BTC|Euro|euros?|dollars?|Dollar)";
const TIME_UNIT =
  "(?:ms|msecs?|milliseconds?|Millisekunden|µs|us|microseconds?|ns|s|secs?|seconds?|Sekunden?|secondes?|segundos?|m|mins?|minutes?|Minuten?|h|hrs?|hours?|Stunden?|d|days?|Tagen?|weeks?)";
const SIZE_UNIT = "(?:[kKMGTP]i?[Bb]|[kKMGT]?o|[bB]ytes?|[kKMG]iB|B|octets)";

/** Somebody's file: its name is data. `photo (3).png`, `Rechnung März 2026.xlsx`, `avatars/17/me.png`. */
const EXTENSION =
  "(?:jpe?g|png|gif|webp|heic|avif|tiff?|bmp|svg|pdf|csv|tsv|xlsx?|docx?|pptx?|odt|rtf|txt|zip|gz|tgz|tar|rar|7z|" +
  "mp[34]|m4a|mov|avi|mkv|wav|webm|bak|tmp|dump|parquet|bin|dat|log|eps|psd|ics|eml|xml|JPE?G|PNG|GIF|HEIC|PDF|CSV|XLSX?|DOCX?|ZIP|MOV|MP[34])(?![A-Za-z0-9@])";
const FILE_WORD =
  "(?!(?:is|was|not|failed|to|for|in|of|from|has|and|at|on|with|the|a|line|row) )[\\w\\u00c0-\\uffff-]{1,40}";
const FILE_NAME = "[\\w\\u00c0-\\uffff-]{1,80}(?:\\.[\\w-]{1,20}){0,2}";
const FILE = "(?!(?:Datei|File|Image|Document|Upload|Attachment|Object|Import|Photo|Video|Export|Archive) )" +
  "(?:[\\w%.\\u00c0-\\uffff-]{1,80}/(?:[\\w%.\\u00c0-\\uffff -]{1,80}/)?){0,8}" +
  `(?:(?<=/)(?:${FILE_WORD} ){1,4}${FILE_NAME}|(?<=(?:of|file|read|import|upload|parse|open|process|document|load|image|attachment) )(?:${FILE_WORD} ){1,3}${FILE_NAME}|` +
  `[A-Z0-9\\u00c0-\\uffff]${FILE_NAME}(?: [A-Z0-9\\u00c0-\\uffff-][\\w\\u00c0-\\uffff-]{0,40}){1,4}|${FILE_NAME})` +
  `(?: ?\\(\\d{1,4}\\))?\\.${EXTENSION}`;
const EMAIL =
  "[\\w.+%'\\u00c0-\\uffff-]{1,64}@(?:[A-Za-z0-9\\u00c0-\\uffff-]{1,63}\\.){1,6}[A-Za-z\\u00c0-\\uffff]{1,24}";
/** In the forms of W3C, Amazon, Cloudflare and Vercel. */
const TRACES = [
  "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
  "1-[0-9a-f]{8}-[0-9a-f]{24}",
  "[0-9a-f]{16}-[A-Z]{3}",
  "[a-z]{3}\\d::(?:[a-z]{3}\\d::)?[a-z0-9]{4,8}-\\d{10,16}-[0-9a-f]{6,16}",
];
const IP6 = "\\[?(?=[0-9a-fA-F:]{0,36}(?:::|:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:))(?:[0-9a-fA-F]{0,4}:){2,7}" +
  "(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-fA-F]{1,4})?(?<!:(?<!::))(?:%\\w{1,12})?(?:\\](?::\\d{1,5})?|:\\d{1,5})?" +
  "(?:/\\d{1,3})?(?![\\w])";
const PATH =
  "(?:~|\\.{1,2})?/[\\w.@~+%$\\u00c0-\\uffff-]{1,200}(?:/[\\w.@~+%*:[\\]()$\\u00c0-\\uffff-]{1,200}(?<![:)])){0,40}/?" +
  "(?:\\?[^\\s\"'<>)]{0,1000})?";
const HAS_TIME = /\d(?:[-/.:T年]|[ ,.]{1,2}[A-Za-z]{3}|st|nd|rd|th|er| ?[AaPp]\.?[Mm])/;
const HAS_CURRENCY = new RegExp(`${MONEY}|${CURRENCY}`);

function rule(
  name: string,
  starts: RegExp,
  pattern: string,
  more: Pick<ValueRule, "needs" | "replace"> = {},
): ValueRule {
  return { name, starts, pattern: new RegExp(pattern, "y"), ...more };
}

const DIGIT = /[0-9]/;
const SIGNED = /[-+±−0-9]/;
const HEX = /[0-9a-fA-F]/;
const LETTER = /[A-Za-z]/;
const CAPITAL = /[A-Z]/;
const WORD = /[A-Za-z0-9\u00c0-\uffff]/;

/** The rules in their order. */
export const VALUE_RULES: readonly ValueRule[] = [
  // A plain number in a list needs no further look.
  rule("n", DIGIT, "\\d{1,30}(?=$|[;)\\]}]|, )"),
  rule("file", WORD, FILE, { needs: new RegExp(`\\.${EXTENSION}`) }),
  rule("url", /[bd]/, "(?:blob:|data:[\\w/+.-]{1,60}[;,])[^\\s\"'<>`()]{1,2000}", {
    needs: /blob:|data:/,
    replace: (url) => `<url:${url.slice(0, 4)}>`,
  }),
  rule("url", LETTER, "[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\\s\"'<>`()]{1,2000}(?<![.,;:!?\\])}])", {
    needs: /:\/\//,
    replace: (url) => `<url:${readHost(url)}>`,
  }),
  rule("email", WORD, EMAIL + END, { needs: /@/ }),
  rule("uuid", HEX, "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}" + END, {
    needs: /-[0-9a-f]{12}/i,
  }),
  ...TRACES.map((pattern) =>
    rule("id", /[0-9a-z]/, pattern + END, { needs: /[0-9a-f]-[0-9A-Fa-z]|[0-9a-f]-[A-Z]{3}|::/ })
  ),
  rule("jwt", /e/, "eyJ[\\w-]{5,4000}(?:\\.[\\w-]{0,4000}){1,4}", { needs: /eyJ/ }),
  // A network card.
  rule("id", HEX, "(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\\1){4}[0-9a-fA-F]{2}(?![\\w:-])", {
    needs: /([:-])[0-9a-f]{2}\1[0-9a-f]{2}/i,
  }),
  ...TIMES_BY_DIGIT.map((pattern) => rule("time", DIGIT, pattern, { needs: HAS_TIME })),
  ...TIMES_BY_NAME.map((pattern) => rule("time", CAPITAL, pattern, { needs: /\d{4}|\d:\d\d/ })),
  rule("phone", /[+]/, "\\+\\d{1,3}(?:[ /.-]?(?:\\(\\d{1,5}\\)|\\d{1,5})){2,6}" + END),
  rule("phone", /[0(]/, "(?:0\\d{2,5}[ /-]|\\(\\d{3}\\) ?\\d{3}-)\\d{4,9}" + END),
  // A bank account.
  rule("id", CAPITAL, "[A-Z]{2}\\d\\d(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?" + END, {
    needs: /[A-Z]{2}\d\d/,
  }),
  rule("ip", DIGIT, "\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d{1,5}|/\\d{1,2})?(?![\\w.]\\d|\\w)", {
    needs: /\d\.\d/,
  }),
  rule("ip", /[[:0-9a-fA-F]/, IP6, { needs: /:[0-9a-fA-F]{0,4}:/ }),
  rule("id", CAPITAL, "[A-Z]{1,3}-[A-Z]{1,2} \\d{1,4}" + END), // A car's plate.
  rule("id", /0/, "0[xX][0-9a-fA-F]{1,128}" + END),
  // Only at the start of such a run, so that a long one is read once.
  rule("id", /[A-Za-z0-9/+]/, "(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,4000}={0,2}", {
    needs: /[A-Za-z0-9+/_-]{24}/,
    replace: (text) => isEncoded(text) ? "<id>" : undefined,
  }),
  rule("path", LETTER, "[A-Za-z]:\\\\[^\\s\"'<>|?*]{1,400}", {
    needs: /:\\/,
    replace: (path) => readRoute(path.replaceAll("\\", "/")),
  }),
  rule("path", /[/~.]/, PATH, { needs: /\//, replace: readRoute }),
  rule("id", /#/, "(?<=\\s)#[A-Za-z][\\w-]{0,80}" + END), // A channel, a tag.
  rule("n", /#/, "#\\d{1,12}" + END),
  rule("n", /[$€£¥₹₽₩₿]/, `${MONEY} ?${SIGN}${NUMBER}[kKMB]?${END}`),
  rule("n", CAPITAL, `${CURRENCY} ${SIGN}${NUMBER}${END}`, { needs: HAS_CURRENCY }),
  rule("n", SIGNED, `${SIGN}${NUMBER} ?(?:${MONEY}|${CURRENCY}${END})`, { needs: HAS_CURRENCY }),
  rule(
    "duration",
    SIGNED,
    `${SIGN}(?:${NUMBER}[\\s-]?${TIME_UNIT}${END}|(?:\\d{1,9}(?:\\.\\d{1,9})?(?:d|h|ms|m|s) ?){2,5}${END})`,
    { needs: /\d[\s-]?[A-Za-zµ]/ },
  ),
  rule("size", SIGNED, `${SIGN}${NUMBER}\\s?${SIZE_UNIT}${END}`, { needs: /\d\s?[A-Za-z]/ }),
  rule("id", HEX, "(?=[0-9]{0,40}[a-fA-F])(?=[a-fA-F]{0,40}[0-9])[0-9a-fA-F]{7,128}" + END),
  rule("id", /[a-f]/, "[a-f]{8,64}" + END),
  rule("id", DIGIT, `(?<![A-Za-z0-9_-])[0-9][A-Za-z0-9_-]{4,127}${END}`, { replace: readNumbered }),
  rule("n", /v/, `v\\d{1,6}(?:\\.\\d{1,6}){1,3}(?:[-+][A-Za-z0-9.-]{1,24})?${END}`),
  rule("n", DIGIT, `\\d{1,6}(?:\\.\\d{1,6}){1,3}-[a-z]{1,8}\\.?\\d{0,4}${END}`),
  rule(
    "n",
    SIGNED,
    `${SIGN}${NUMBER}(?: ?%| ?(?:thousand|million|billion|Mio|Mrd)\\b|[kKMGBT]|x|st|nd|rd|th)?${END}`,
  ),
];

const PLACES_IN_ORDER = VALUE_RULES.map((_, place) => place);
const LISTS = new Map<string, readonly number[]>();

/** The places of the rules that may begin with this sign; the same list for all signs with the same rules. */
function placesOf(sign: string): readonly number[] {
  const places = PLACES_IN_ORDER.filter((place) => VALUE_RULES[place]!.starts.test(sign));
  const known = LISTS.get(places.join());
  if (known === undefined) LISTS.set(places.join(), places);
  return known ?? places;
}

const PLACES_BY_SIGN = Array.from({ length: 128 }, (_, code) => placesOf(String.fromCharCode(code)));
const PLACES_BY_LETTER = placesOf("é");
const PLACES_BY_CURRENCY = placesOf("€");

/** Reads the rules that may fit at a character, without those whose need the text does not meet. */
export function rulesFor(text: string): (first: string) => readonly ValueRule[] {
  const needed: boolean[] = [];
  const isNeeded = (place: number) => needed[place] ??= VALUE_RULES[place]!.needs?.test(text) ?? true;
  const cache = new Map<readonly number[], readonly ValueRule[]>();
  return (first) => {
    const places = placesFor(first);
    const known = cache.get(places);
    if (known !== undefined) return known;
    const rules = places.filter(isNeeded).map((place) => VALUE_RULES[place]!);
    cache.set(places, rules);
    return rules;
  };
}

function placesFor(first: string): readonly number[] {
  const code = first.charCodeAt(0);
  if (code < 128) return PLACES_BY_SIGN[code]!;
  return /[£€¥₹₽₩₿±−]/.test(first) ? PLACES_BY_CURRENCY : PLACES_BY_LETTER;
}

/** `9zY8xW7vU6` and `12a4b-77c` are ids; `2nd-level` and `10-minute` are words. */
function readNumbered(text: string): string | undefined {
  if (/^[\d_-]+$/.test(text)) return undefined;
  return isVariable(text) || isGenerated(text) ? "<id>" : undefined;
}
