/** Words: ids that look like words become placeholders, names with a number in them stay. @module */

import type { ReadPart } from "./message.ts";

const WORD = /[A-Za-z_$][\w$]{0,127}(?:[-.:/@#][\w$]{1,127}){0,8}/y;
/** Before one of these a number counts things of a kind: `worker-3`, `row_17`. */
const COUNTED =
  /^(worker|thread|shard|node|pod|replica|instance|job|task|attempt|retry|chunk|batch|page|row|item|step|part|slot|conn|connection|client|process|pid|session|request|user|order|invoice|line|column|index|partition|channel|room|device|tenant|project|build)([-_#:.])\d+$/i;
const ID_PREFIX = /^[a-z]{2,12}[_-](?=[A-Za-z0-9_-]{8,}$)/;
/** `INV-2024-00017`, `PROJ-123`; not `UTF-8`. */
const TICKET = /^(?!UTF|SHA|ISO|AES|MD|RSA|TLS|GPT|ES|HTTP|RFC|UCS)([A-Z]{2,8})-\d[\dA-Z]*(?:-[\dA-Z]+)*$/;
/** Somebody's file: its name is data. */
const DATA_FILE =
  /^[\w-]+\.(?:jpe?g|png|gif|webp|heic|avif|pdf|csv|tsv|xlsx?|docx?|pptx?|zip|gz|tar|mp[34]|mov|wav|webm|bak|tmp)$/i;

/** The word at this place, with its variable segments replaced. */
export function readWord(text: string, at: number): ReadPart | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word === undefined) return undefined;
  const masked = /^[-_]?\*{3,200}\w{0,16}/.exec(text.slice(at + word.length, at + word.length + 220));
  if (masked !== null) return { parts: [{ text: "<key>" }], length: word.length + masked[0].length };
  return { parts: [{ text: normaliseWord(word) }], length: word.length };
}

function normaliseWord(word: string): string {
  const counted = COUNTED.exec(word);
  if (counted !== null) return `${counted[1]}${counted[2]}<n>`;
  if (DATA_FILE.test(word)) return "<file>";
  const prefix = TICKET.exec(word)?.[1];
  if (prefix !== undefined) return `${prefix}-<id>`;
  const idPrefix = ID_PREFIX.exec(word)?.[0];
  if (idPrefix !== undefined && isGenerated(word.slice(idPrefix.length))) return `${idPrefix}<id>`;
  if (/^[\w-]{18,26}$/.test(word) && isGenerated(word) && !/[a-z]{6}/.test(word)) return "<id>";
  return normaliseSegments(word);
}

function normaliseSegments(word: string): string {
  return word
    .replace(/(?<=[a-z])@v?\d[\w.-]*/, "@<n>") // A package's version.
    .replace(/(?<=[-_])\d{1,3}(?:-\d{1,3}){3}/, "<n>") // An address in a host's name: ip-10-0-3-77.
    .replace(/([:/#])\d+(?=[:/#]|$)/g, "$1<n>")
    .split(/(?<=[-.:/@#])/)
    .map((segment) => {
      const end = /[-.:/@#]$/.exec(segment)?.[0] ?? "";
      const name = segment.slice(0, segment.length - end.length);
      return (isVariable(name) || /^[a-z]{20}$/.test(name) && end === "." ? "<id>" : name) + end;
    }).join("");
}

/** Behind a prefix such as `cus_` a mix of both cases and a digit is enough. */
function isGenerated(word: string): boolean {
  return isVariable(word) || /\d/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word);
}

/** True for what was generated or counted: three digits and more, a hash, a mix of letters and digits. */
export function isVariable(segment: string): boolean {
  if (/^\d{3,}$/.test(segment) || /\d{5,}/.test(segment)) return true;
  if (/^[0-9a-f]{7,}$/i.test(segment)) return /\d/.test(segment) && /[a-f]/i.test(segment);
  const digits = segment.match(/\d/g)?.length ?? 0;
  if (segment.length >= 10 && digits >= 2) {
    return (segment.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0) >= 3 || isMixed(segment, digits);
  }
  return segment.length >= 20 && !/[a-z]{9}|_/.test(segment) &&
    (segment.match(/[a-z][A-Z]/g)?.length ?? 0) >= 4;
}

function isMixed(segment: string, digits: number): boolean {
  return segment.length >= 16 && digits >= 2 && /[a-z]/.test(segment) && /[A-Z]/.test(segment);
}
