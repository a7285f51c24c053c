/** What the neighbours of a token decide: which numbers are codes, which lists are one. @module */

import type { MessagePart } from "./message.ts";

/** Before a number these say that it names the cause. */
const CODE_BEFORE =
  /(?:status(?: ?code)?(?: of)?|code|SMTP|FTP|SIP|IMAP|HTTP(?:\/[\d.]{1,3})?|errno|os error|exit(?:ed)?(?: with)?(?: code| status)?|signal|error|SQLSTATE|Error|errors?\/)["']?[\s:=#([]{0,3}$/i;

/** Before a number from 400 to 599 these say that it is a status. */
const ANSWER_BEFORE = /(?:with|returned|answered|responded|got|received|gave|[-=]>)(?: a| an)? $/i;

/** The number itself when it is a status, an exit code, a SQLSTATE or an error number; otherwise undefined. */
export function readNumberKept(text: string, at: number, number: string): string | undefined {
  if (!/^[#-]?\d{1,6}$/.test(number)) return undefined;
  const before = text.slice(Math.max(0, at - 24), at);
  if (/(?:^| )\d $/.test(before.slice(-3))) return undefined;
  if (CODE_BEFORE.test(before)) return number;
  if (/^[45]\d\d$/.test(number) && ANSWER_BEFORE.test(before)) return number;
  const after = text.charAt(at + number.length);
  // `fetch: 404`, `mail: 550 Mailbox unavailable`; not `rows: 512 failed`.
  if (
    /^[45]\d\d$/.test(number) && /: $/.test(before) &&
    /^(?:$|[),.;]| (?:\d\.\d|[A-Z]))/.test(text.slice(at + 3, at + 7))
  ) {
    return number;
  }
  if (/^[45]\d\d$/.test(number) && after === "" && /[/>]\S* $/.test(before)) return number;
  if (at === 0 && /^[1-5]\d\d$/.test(number) && /^(?: |$|:)/.test(after)) return number;
  const isSqlState = /^(?:0[0-9]|2[0-9]|3[0-9]|4[0-2]|5[3-8])\d{3}$/.test(number);
  return isSqlState && (at === 0 && after === ":" || /[([]$/.test(before) && /[)\]]/.test(after))
    ? number
    : undefined;
}

/** A list of values counts as one, however long: `in (<n>, <n>, <n>)` is `in (<n>)`. */
export function collapseLists(parts: readonly MessagePart[]): MessagePart[] {
  return parts.map((part) => part.identifier === undefined ? { text: collapse(part.text) } : part);
}

function collapse(text: string): string {
  return text
    .replace(/(<(?:n|id)>)(?:[-_/.:x×](?:<n>|<id>)){1,12}/g, "$1")
    .replace(/(<[a-z]{1,10}>|\?)(?:(?:[,;] ?| )\1){1,400}/g, "$1")
    .replace(/(\((?:[^()]|\(\)){1,80}\))(?:, ?\1){1,100}/g, "$1");
}
