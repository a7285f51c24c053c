/**
 * Gives failures with the same cause the same key, whatever ids, times, hosts and line numbers they carry.
 *
 * A message becomes a template: values (ids, times, quoted literals, numbers …) turn into placeholders, what names
 * the cause (status codes, SQLSTATEs, exit codes, quoted identifiers) stays. The fingerprint is a hash of type, code,
 * template and the top five frames of the caller's own code, without line numbers and build hashes. The signature
 * goes one step further and puts numbered slots in the place of identifiers, so that what was learned on one table
 * can be recognised on another.
 *
 * Only the first 4,096 characters of a message count, and every expression is bounded, so a hostile message costs no
 * more than a long one. The key carries a version; a change of the rules needs a new one.
 *
 * @example
 * ```ts
 * import { errorSignature, fingerprintError } from "./errorFingerprint.ts";
 *
 * errorSignature({ code: "3F000", message: 'schema "shop" does not exist' });
 * // { signature: "3F000: schema $1 does not exist", slots: ["shop"] }
 * (await fingerprintError({ message: "timeout after 31 ms for user 42" })).template;
 * // "timeout after <duration> for user <n>"
 * ```
 *
 * @module
 */

import { sha256 } from "./core/sha256.ts";
import { readFrames } from "./errorFingerprint/frames.ts";
import { type MessagePart, readMessage } from "./errorFingerprint/message.ts";

/** What is known of an error that is to be recognised again. */
export interface FingerprintInput {
  /** Its class, such as `TypeError`; with a source before a colon (`migration:TypeError`) the source separates. */
  type?: string | undefined;
  message: string;
  /** SQLSTATE, PGRST code or another machine code. */
  code?: string | undefined;
  stack?: string | undefined;
  /** What {@link readStackFrames} read of the stack; it is read here when they are not given. */
  frames?: readonly string[] | undefined;
}

/** The key of an error group and what it was made of. */
export interface Fingerprint {
  /** `v2:` and the SHA-256 of type, code, template and frames, in hex. */
  fingerprint: string;
  /** The message with its values replaced and its identifiers kept. */
  template: string;
  /** As {@link errorSignature} gives it for the same error. */
  signature: string;
  /** The identifiers in the message, in order. */
  slots: string[];
  /** At most five, as `function@relative/path`. */
  frames: readonly string[];
}

/** The key by which a learned pattern recognises the same failure on another target. */
export interface ErrorSignature {
  /** `code: message` with `$1`, `$2` … in the place of identifiers; at most 1,000 characters. */
  signature: string;
  /** What stands behind `$1`, `$2` …. */
  slots: string[];
}

const VERSION = "v2";
const MAX_SIGNATURE = 1_000;
/** An id may by chance look like a number, a name or a word, so which of them it is does not count. */
const ANY_VALUE = /<(?:id|name|str|uuid|key|jwt)>/g;
/** Classes that say nothing about the cause. */
const GENERIC_TYPE = /^(?:Error|error|NonError|Object|Exception|UnknownError|.{0,2})$/;
/** With one of these the code names the class better: drivers give the same error different classes. */
const TELLING_CODE = /^(?:PGRST[0-9X]\w{0,3}|[0-9A-Z]{5})$/;

/** The fingerprint of an error; the same input always has the same one. */
export async function fingerprintError(error: FingerprintInput): Promise<Fingerprint> {
  const parts = readMessage(withoutType(error));
  const template = parts.map((part) => part.text).join("");
  const frames = error.frames ?? readFrames(error.stack ?? "");
  const facts = [typeOf(error), error.code ?? "", template.replace(ANY_VALUE, "<n>"), ...frames];
  return {
    fingerprint: `${VERSION}:${await sha256(facts.join("\n"))}`,
    template,
    ...signatureOf(parts, error),
    frames,
  };
}

/** The frames of a stack that count, at most five: for whoever meets the same stack again and again. */
export function readStackFrames(stack: string): readonly string[] {
  return readFrames(stack);
}

/** The signature of an error, in which other targets of the same failure meet. */
export function errorSignature(error: FingerprintInput): ErrorSignature {
  return signatureOf(readMessage(withoutType(error)), error);
}

function signatureOf(parts: readonly MessagePart[], { code }: FingerprintInput): ErrorSignature {
  let count = 0;
  const text = parts.map((part) => part.identifier === undefined ? part.text : `$${++count}`).join("");
  const prefix = code ? `${code}: ` : "";
  return { signature: (prefix + text).slice(0, MAX_SIGNATURE), slots: slotsOf(parts) };
}

function slotsOf(parts: readonly MessagePart[]): string[] {
  return parts.flatMap((part) => part.identifier === undefined ? [] : [part.identifier]);
}

/** `Uncaught TypeError: x` with the type `TypeError` is the message `x`. */
function withoutType({ type, message }: FingerprintInput): string {
  const text = message.slice(0, 8_192).replace(/^\s{0,100}(?:error: )?Uncaught (?:\(in promise\) )?/, "");
  const name = type?.slice(type.lastIndexOf(":") + 1);
  return name && text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
}

function typeOf({ type = "", code = "" }: FingerprintInput): string {
  const colon = type.lastIndexOf(":");
  const name = type.slice(colon + 1);
  return type.slice(0, colon + 1) + (GENERIC_TYPE.test(name) || TELLING_CODE.test(code) ? "" : name);
}
