/**
 * The key of version 1, as it was: groups that were opened under it are found by it until they end.
 *
 * Nothing in this folder changes any more. It goes, with the second key of an occurrence, once no group is open that
 * has a `v1:` key.
 *
 * @module
 */

import { sha256 } from "../../core/sha256.ts";
import { readFrames } from "./frames.ts";
import { readMessage } from "./message.ts";

/** What version 1 looked at. */
interface ErrorFacts {
  type?: string | undefined;
  message: string;
  code?: string | undefined;
  stack?: string | undefined;
}

const GENERIC_TYPE = /^(?:Error|error|NonError|Object|Exception|UnknownError|.{0,2})$/;
const TELLING_CODE = /^(?:PGRST[0-9X]\w{0,3}|[0-9A-Z]{5})$/;

/** The fingerprint that version 1 gave this error. */
export async function fingerprintV1(error: ErrorFacts): Promise<string> {
  const template = readMessage(withoutType(error)).map((part) => part.text).join("");
  const facts = [typeOf(error), error.code ?? "", template, ...readFrames(error.stack ?? "")];
  return `v1:${await sha256(facts.join("\n"))}`;
}

function withoutType({ type, message }: ErrorFacts): string {
  const text = message.slice(0, 8_192).replace(/^\s{0,100}Uncaught (?:\(in promise\) )?/, "");
  const name = type?.slice(type.lastIndexOf(":") + 1);
  return name && text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
}

function typeOf({ type = "", code = "" }: ErrorFacts): string {
  const colon = type.lastIndexOf(":");
  const name = type.slice(colon + 1);
  return type.slice(0, colon + 1) + (GENERIC_TYPE.test(name) || TELLING_CODE.test(code) ? "" : name);
}
