/**
 * Secrets that are known by the name before them: `password=…`, `"apiKey": "…"`, `x-api-key: …`, `--token …`.
 *
 * The text before a separator is judged by {@link judgeName}; the value is read by hand, because it may be quoted,
 * escaped or cut off, and a regular expression for all of that would not be linear.
 *
 * @module
 */

import { looksRandom } from "./randomness.ts";
import { isPlaceholder, placeholder } from "./rule.ts";
import { judgeName, type NameVerdict, TELLING_PART } from "./secretNames.ts";

/** A name at a token's start, an optional closing quote, a separator. */
const NAMED =
  /(?<![\w.-])-{0,2}(\w[\w.-]{1,127})(\\{0,3}["'`]|%22)?[ \t]{0,4}(=>|:=|[:=,]|%3[aAdD])[ \t]{0,4}/g;
const SPACED =
  /(?<![\w-])((?:api|access|secret|private|service|role|auth|signing|encryption|refresh|session|bearer|client|license)[ -](?:key|token|secret))(?: (?:was|used|provided|value))?["'`]?[ \t]{0,3}(:|=| is)[ \t]{0,3}/gi;
const PROSE =
  /(?<!\w)(pass ?(?:word|phrase|code|wd)(?: is| was)?|identified by|api key(?: is| was)?|(?:secret|token) (?:is|was)) (?=["'`][^\s"'`]+["'`])/gi;
const LOOSE =
  /(?<!\w)([Pp]ass ?(?:word|phrase|code|wd)(?: is| was)?) (?=[^\s"'`]{8})(?=\S{0,64}[a-z])(?=\S{0,64}[A-Z])(?=\S{0,64}\d)/g;
/** Words that announce a secret without being its name. */
export const ANNOUNCEMENTS: readonly RegExp[] = [SPACED, PROSE, LOOSE];
const FLAG = /(?<=\s|^)(--?[A-Za-z][\w-]{1,60})\s{1,3}(?=[^\s-])/g;
/** A key column in Postgres' detail: `Key (password)=(hunter2) already exists.` */
const KEY_DETAIL = /\(([\w", .-]{1,200})\)=\(([^()]{1,2000})\)/g;

const UNQUOTED = /[^\s"'`&;,<>{}|\\]+(?:,(?!\s|[\w.-]{1,40}[=:])[^\s"'`&;,<>{}|\\]+)*/y;
const QUOTE = /(\\{0,3})(["'`])|%22/y;
const MAX_VALUE = 8_192;

/** What people write instead of a value, and the words that follow a name in a sentence. */
const NO_VALUE = new RegExp(
  "^(?:null|none|nil|undefined|nan|true|false|yes|no|on|off|required|missing|invalid|incorrect|expired|empty|unset|" +
    "unknown|wrong|not|is|was|are|must|should|cannot|can't|could|too|has|have|does|did|field|value|string|number|text|" +
    "object|function|varchar|uuid|bytea|boolean|integer|bigint|any|unknown|error|failed|failure|denied|mismatch|" +
    "rejected|revoked|unauthorized|forbidden|optional|changed|updated|reset|hidden|masked|redacted|ok|the|a|an|" +
    "please|at|for|in|of|from|with|your|and|or|by|to|set|only|bearer|basic|jwt|token|key|password|secret|" +
    "credentials|unexpected|expected|malformed|authentication|header|refresh|new|old|current|see|use|using|check|provide|provided|" +
    "enter|length|minimum|maximum|after|before|when|if|this|that|it)[.!?]?$",
  "i",
);
const MASK = /^[*•·.x#-]+$|^(?:\.{3}|…)$|^\*{2,}.{0,4}$/i;
const VARIABLE =
  /^[$@:?%]{1,2}[{(\w]*[\w.)}\[\]]*$|^%[sdjo]$|^(?:process|import|Deno|env|os|config|req|request|ctx|options|props|data|user|this)\b[.\w\[\]()!?]+$|^\w*\($|^[A-Za-z_$][\w$.]*\(.*$|^<[\w -]+>$|^\{\{.*|^(?:your|my|the|example)[-_ ][\w -]+$|^\[(?:object|filtered|hidden|masked|redacted)\b.*$/i;

/** Replaces the values of names that say they are secret. */
export function redactNamedValues(text: string): string {
  if (!TELLING_PART.test(text)) return text;
  let result = redactAt(text, NAMED, (match) => judgeNamed(match));
  result = redactAt(result, SPACED, (match) => match[2] === " is" ? "maybe" : "secret");
  result = redactAt(result, PROSE, () => "secret");
  result = redactAt(result, LOOSE, () => "mixed");
  result = redactAt(result, FLAG, (match) => judgeName(match[1]!) === "secret" ? "secret" : "no");
  return result.replace(KEY_DETAIL, (match, names: string, values: string) => {
    const secret = names.split(",").some((name) => judgeName(name.replaceAll('"', "").trim()) === "secret");
    return secret && !isPlaceholder(values) ? `(${names})=(${placeholder(kindOf(names))})` : match;
  });
}

function judgeNamed(match: RegExpExecArray): NameVerdict {
  const name = match[1]!;
  const verdict = judgeName(name);
  const isList = match[3] === ",";
  if (
    isList && (match[2] === undefined || !/["'`]|%22/.test(match.input.charAt(match.index + match[0].length)))
  ) {
    return "no";
  }
  // "Unexpected token: }" and "invalid token: expired" speak of grammar.
  if (/^tokens?$/i.test(name) && /(?:unexpected|invalid|illegal|expected|bad|per)\s$/i.test(before(match))) {
    return "no";
  }
  if (/authorization$/i.test(name)) return "maybe";
  // Headers are often written as a list of lists; a list of column names looks the same.
  if (isList) return verdict === "secret" ? "mixed" : "no";
  return verdict;
}

function before(match: RegExpExecArray): string {
  return match.input.slice(Math.max(0, match.index - 12), match.index);
}

interface Value {
  start: number;
  end: number;
  quoted: boolean;
}

function redactAt(text: string, names: RegExp, judge: (match: RegExpExecArray) => NameVerdict): string {
  let result = "";
  let position = 0;
  names.lastIndex = 0;
  for (let match = names.exec(text); match !== null; match = names.exec(text)) {
    const verdict = judge(match);
    if (verdict === "no") continue;
    const value = readValue(text, names.lastIndex);
    const content = text.slice(value.start, value.end);
    const kind = kindOf(match[1]!, verdict);
    if (!isSecretValue(content, value.quoted, verdict, kind)) continue;
    result += text.slice(position, value.start) + placeholder(kind);
    position = value.end;
    names.lastIndex = Math.max(value.end, names.lastIndex);
  }
  return result + text.slice(position);
}

function readValue(text: string, at: number): Value {
  QUOTE.lastIndex = at;
  const quote = QUOTE.exec(text)?.[0];
  if (quote === undefined) {
    UNQUOTED.lastIndex = at;
    const value = UNQUOTED.exec(text)?.[0] ?? "";
    const content = value.replace(value.includes("[") ? /[).!?]+$/ : /[)\].!?]+$/, "");
    return { start: at, end: at + content.length, quoted: false };
  }
  const start = at + quote.length;
  return { start, end: findClosing(text, start, quote), quoted: true };
}

/** A value whose closing quote is missing goes to the end of its line: the text was cut. */
function findClosing(text: string, start: number, quote: string): number {
  const limit = Math.min(text.length, start + MAX_VALUE);
  for (let at = text.indexOf(quote, start); at >= 0 && at < limit; at = text.indexOf(quote, at + 1)) {
    if (quote.length > 1 || text[at - 1] !== "\\" || text[at - 2] === "\\") {
      return at;
    }
  }
  const lineEnd = text.indexOf("\n", start);
  return lineEnd < 0 ? text.length : lineEnd;
}

function isSecretValue(value: string, quoted: boolean, verdict: NameVerdict, kind: string): boolean {
  if (value === "" || isPlaceholder(value) || MASK.test(value) || VARIABLE.test(value)) return false;
  if (verdict === "phone") return /^\+?[\d ().-]{7,20}$/.test(value);
  if (NO_VALUE.test(value)) return false;
  if (verdict === "mixed") return /\d/.test(value) && /[A-Za-z]/.test(value);
  if (verdict === "maybe") {
    return looksRandom(value) && !/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(value);
  }
  if (quoted) return !/^\s*$/.test(value);
  // "Invalid Refresh Token: Refresh Token Not Found": a short word behind a token is a word.
  if (kind !== "password" && kind !== "secret" && /^[A-Za-z]{1,15}$/.test(value)) return false;
  // Code in an error excerpt: `secret: config.secret`.
  return /\w/.test(value) &&
    !/^[A-Za-z_$][A-Za-z_$]*(?:\??\.[A-Za-z_$]+)+$/.test(value);
}

function kindOf(name: string, verdict: NameVerdict = "secret"): string {
  if (verdict === "phone") return "phone";
  if (/pass|pwd|pgp|pin$|identified/i.test(name)) return "password";
  if (/token|jwt|bearer/i.test(name)) return "token";
  if (/cookie|sess|sid$/i.test(name)) return "session";
  if (/key/i.test(name)) return "key";
  return "secret";
}
