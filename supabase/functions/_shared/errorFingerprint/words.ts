/** Words: ids that look like words become placeholders, names with a number in them stay. @module */

import type { ReadPart } from "./message.ts";
import { isGenerated, isVariable } from "./randomText.ts";

/** Letters up to Thai; scripts that write without spaces are read sign by sign. */
const WORD = /[A-Za-z_$\u00c0-\u1fff][\w$\u00c0-\u1fff]{0,127}(?:[-.:/@#+][\w$\u00c0-\u1fff]{1,127}){0,8}/y;
const ID_PREFIX = /^[a-z]{1,12}(?:[_-][a-z]{2,10})?[_-](?=[A-Za-z0-9_-]{5,}$)/;
/** `INV-2024-00017`, `PROJ-123`; not `UTF-8`. */
const TICKET =
  /^(?!UTF|SHA|ISO|AES|MD|RSA|TLS|SSL|GPT|ES|HTTP|RFC|UCS|ORA|CVE|CWE|ERR|JSR|IPV)([A-Z]{2,8}|[A-Z](?=-\d+-\d))-\d[\dA-Z]*(?:-[\dA-Z]+)*$/;
/** What a number belongs to although a hyphen stands between: models, standards, codes. */
const NUMBER_NAMES =
  /^(?:gpt|claude|gemini|llama|mistral|mixtral|qwen|deepseek|grok|nova|titan|phi|sonnet|opus|haiku|text|whisper|dall|o|utf|sha|base|iso|http|rfc|x86|sql|es|tls|md|aes|rsa|ipv|oauth|\w*(?:code|status|error|errno|exit|signal|state))$/i;

/** What a program calls the things that it numbers. */
const SHORT_ID =
  /^(?:req|request|trace|span|corr|tx|txn|sess|session|job|task|run|conv|thread|msg|evt|event|ord|order|inv|usr|acct|cus|sub|doc|img|tok|conn|wf)[-_:](?=[A-Za-z]*\d)[A-Za-z0-9]{1,40}$/;

/** The same with letters alone, where the kind is known from its maker. */
const MADE_ID =
  /^(?:chatcmpl|cmpl|msg|call|toolu|req|org|proj|asst|thread|run|batch|resp|evt|ch|pi|cus|sub|price|prod|txn|dpl|prj)[-_](?=[a-z]*[A-Z0-9])[A-Za-z0-9]{4,80}$/;

/** The word at this place, with its variable segments replaced. */
export function readWord(text: string, at: number): ReadPart | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word === undefined) return undefined;
  const masked = /^[-_]?\*{3,200}\w{0,16}/.exec(text.slice(at + word.length, at + word.length + 220));
  if (masked !== null) return { parts: [{ text: "<key>" }], length: word.length + masked[0].length };
  return { parts: [{ text: normaliseWord(word) }], length: word.length };
}

/** A word outside quotes as the template shows it. */
export function normaliseWord(word: string): string {
  if (!/[\d.@/A-Z]/.test(word)) return isProjectRef(word) ? "<id>" : word;
  if (SHORT_ID.test(word) || MADE_ID.test(word)) return "<id>";
  const ticket = TICKET.exec(word)?.[1];
  if (ticket !== undefined) return `${ticket}-<id>`;
  const name = word.replace(/(?<=[A-Za-z])[-_]\d+$/, "");
  if (/^[\w-]{18,28}$/.test(word) && isGenerated(name) && !/[a-z]{6}/.test(word)) return "<id>";
  const prefix = ID_PREFIX.exec(word)?.[0];
  if (prefix !== undefined && isPrefixed(prefix, word.slice(prefix.length))) return "<id>";
  return normaliseSegments(word);
}

function normaliseSegments(word: string): string {
  const store = /^([a-z_]{2,24}):[\w:.@-]*\d[\w:.@-]*$/.exec(word)?.[1];
  if (store !== undefined && !/^(?:node|ext|npm|jsr|file|blob|data|urn|arn)$/.test(store)) {
    return `${store}:<id>`;
  }
  return word
    .replace(/(?<=[a-z])@v?\d[\w.-]*/, "@<n>") // A package's version.
    .replace(/(?<=[-_])\d{1,3}(?:-\d{1,3}){3}/, "<n>") // An address in a host's name: ip-10-0-3-77.
    .replace(
      /(?:aws-\d-)?\b(?:us|eu|ap|sa|ca|me|af)-(?:(?:north|south)?(?:east|west)|north|south|central)-\d/,
      "<region>",
    )
    .replace(/(?<=-)[0-9a-f]{5,10}-[0-9a-z]{5}(?=$|[.:/])/, "<id>") // A pod of Kubernetes.
    .replace(/([.:/#])-?\d+(?=[.:/#]|$)/g, "$1<n>")
    .replace(/(?<=^|[^A-Za-z])([A-Za-z]{1,24})([-_])\d+(?![A-Za-z0-9])/g, numberOf)
    .replace(/(?<=<n>[-_.])\d+(?![A-Za-z0-9])/g, "<n>")
    .split(/(?<=[-.:/@#+])/)
    .map((segment) => {
      const end = /[-.:/@#+]$/.exec(segment)?.[0] ?? "";
      const name = segment.slice(0, segment.length - end.length);
      return (isVariable(name) || /^[a-z]{20}$/.test(name) && word.includes(".") ? "<id>" : name) + end;
    }).join("");
}

/** `cus_NffrFeUfNV2Hib`; a number that merely grows, as in `pg_toast_16404`, is no id. */
function isPrefixed(prefix: string, rest: string): boolean {
  if (/^\d+$/.test(rest)) return rest.length >= 7 && /^[a-z]+[_-]$/.test(prefix);
  return isGenerated(rest);
}

/** Twenty letters, of which chance made several rare ones. */
function isProjectRef(word: string): boolean {
  return /^[a-z]{20}$/.test(word) && (word.match(/[jqxzkwv]/g)?.length ?? 0) >= 3;
}

/** `worker-03` and `pg_toast_16404` count things of a kind; `gpt-4` and `exit_1` are names. */
function numberOf(whole: string, name: string, sign: string): string {
  return NUMBER_NAMES.test(name) ? whole : `${name}${sign}<n>`;
}
