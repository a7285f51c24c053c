/**
 * Gathers from an error, its causes and its body what the rules look at.
 *
 * A network's reason stands in the message (Deno 2.1) or in the cause (Deno 2.9), a provider's code in the error, in
 * its body or in JSON inside the message, Storage's true status as a string in the body: rules see one flat view.
 *
 * @module
 */

import { isSqlState, statusOfSqlState } from "../core/sqlState.ts";
import type { ClassifierInput } from "../errorClassifier.ts";
import { type Landmarks, landmarksOf } from "./landmarks.ts";

/** The flat view of an error. */
export interface Signals {
  name: string;
  /** Messages of the error, its body and its causes, one a line; at most 8,192 characters. */
  text: string;
  /** Of the text. */
  landmarks: Landmarks;
  /** Details and hint; kept apart because they may quote data. */
  context: string;
  sqlState: string | undefined;
  pgrstCode: string | undefined;
  /** Codes, names and types found anywhere, without repetition. */
  codes: string[];
  status: number | undefined;
  source: string;
}

interface Found {
  texts: string[];
  contexts: string[];
  codes: string[];
  statuses: number[];
}

const MAX_TEXT = 8_192;
const MAX_PART = 4_096;
const MAX_BODY = 65_536;
const MAX_CAUSES = 4;
const STATUS_IN_TEXT =
  /(?:\bHTTP|\bstatus(?: code)?|responded with|answered|returned|failed with|got)[ :=]{1,2}([45]\d\d)\b/i;

/** The signals of an error; reads only plain fields and never throws. */
export function readSignals(error: ClassifierInput): Signals {
  const found: Found = { texts: [], contexts: [], codes: [], statuses: [] };
  let current: ClassifierInput | undefined = error;
  for (let depth = 0; current !== undefined && current !== null && depth <= MAX_CAUSES; depth += 1) {
    readError(current, found);
    current = typeof current.cause === "object" ? current.cause : undefined;
  }
  const codes = [...new Set(found.codes)];
  // A refused connection may have no message at all, only a code.
  const text = [...found.texts, codes.join(" ")].join("\n").slice(0, MAX_TEXT);
  const sqlState = codes.find(isSqlState) ?? /SQLSTATE[ :=]{0,3}([0-9A-Z]{5})\b/.exec(text)?.[1];
  return {
    name: typeof error.name === "string" ? error.name : "",
    text,
    landmarks: landmarksOf(text),
    context: found.contexts.join("\n").slice(0, MAX_TEXT),
    sqlState,
    pgrstCode: codes.find((code) => /^PGRST[0-9X]\d\d$/.test(code)) ??
      (sqlState === undefined ? /\bPGRST[0-9X]\d\d\b/.exec(text)?.[0] : undefined),
    codes,
    status: statusOfSqlState(sqlState ?? "") ?? found.statuses[0] ?? statusIn(text),
    source: typeof error.source === "string" ? error.source : "",
  };
}

/** What the error says itself comes before what its body says, and that before what its message quotes. */
function readError(error: ClassifierInput, found: Found): void {
  for (const code of [error.edgeErrorCode, error.sqlState, error.code]) readCode(code, found);
  if (typeof error.message === "string") found.texts.push(error.message.slice(0, MAX_PART));
  for (const part of [error.hint, error.details]) {
    if (typeof part === "string") found.contexts.push(part.slice(0, MAX_PART));
  }
  // Storage answers 400 for nearly everything and names the true status in its body.
  readBody(typeof error.body === "string" ? jsonIn(error.body) ?? error.body : error.body, found);
  if (typeof error.status === "number") found.statuses.push(error.status);
  if (typeof error.details === "object") readBody(error.details, found, 1);
  if (typeof error.message === "string") readBody(jsonIn(error.message), found);
}

/** Fields of a body: `{ error: { code, type, message } }`, `{ statusCode, error, message }`, `{ code, error_code, msg }`. */
function readBody(body: unknown, found: Found, depth = 0): void {
  if (typeof body === "string") found.texts.push(body.slice(0, MAX_PART));
  if (typeof body !== "object" || body === null || depth > 2) return;
  const fields = body as Record<string, unknown>;
  for (const name of ["statusCode", "status"]) readStatus(fields[name], found);
  for (const name of ["error_code", "code", "sqlState", "type", "error"]) readCode(fields[name], found);
  for (const name of ["message", "msg", "error_description"]) {
    const text = fields[name];
    if (typeof text === "string" && !found.texts.includes(text)) found.texts.push(text.slice(0, MAX_PART));
  }
  for (const name of ["hint", "details"]) {
    const text = fields[name];
    if (typeof text === "string") found.contexts.push(text.slice(0, MAX_PART));
  }
  for (const name of ["error", "response"]) {
    readBody(typeof fields[name] === "object" ? fields[name] : undefined, found, depth + 1);
  }
}

/** A number is a status, a list in one string (`XX000/EMAXCONN`) is several codes. */
function readCode(code: unknown, found: Found): void {
  if (typeof code === "number") readStatus(code, found);
  if (typeof code !== "string" || code.length > 200) return;
  found.codes.push(...code.split(/ \| |\//).map((part) => part.trim()).filter((part) => part !== ""));
}

function readStatus(value: unknown, found: Found): void {
  const status = typeof value === "number" || typeof value === "string" ? Number(value) : NaN;
  if (Number.isInteger(status) && status >= 400 && status <= 599) found.statuses.push(status);
}

function jsonIn(text: string): unknown {
  const start = text.slice(0, 256).indexOf("{");
  if (start < 0 || text.length > MAX_BODY) return undefined;
  try {
    return JSON.parse(text.slice(start, text.lastIndexOf("}") + 1));
  } catch {
    return undefined;
  }
}

function statusIn(text: string): number | undefined {
  const digits = /^([45]\d\d)(?=[ :]|$)/.exec(text)?.[1] ?? STATUS_IN_TEXT.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
