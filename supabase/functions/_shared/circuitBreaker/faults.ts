/** Which errors speak about the target, and which about the request. @module */

import { isHealingError, statusOf } from "../core/errors.ts";
import { isInstance, part } from "../core/unknownValues.ts";

/** Statuses below 500 that are about the target's state, not about the request. */
const TARGET_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** A name is a property like any other: it may hold whatever the target says, and a key has the form of a word too. */
const CLASS_NAME = /^[A-Z][A-Za-z]{0,50}(?:Error|Exception)$/;

/** False for an answer to a request that was wrong: the target is up, and says so. */
export function isTargetFault(error: unknown): boolean {
  const status = statusOfError(error);
  return status === undefined || status < 400 || status >= 500 || TARGET_STATUSES.has(status);
}

/** A short code for a report, never text that the target chose: a code of ours, a status, or the error's class. */
export function codeOf(error: unknown): string {
  if (isHealingError(error)) return error.code;
  const status = statusOfError(error);
  if (status !== undefined) return `HTTP_${status}`;
  const name = isInstance(error, Error) ? part(error, "name") : typeof error;
  return typeof name === "string" && CLASS_NAME.test(name) ? name : "Error";
}

function statusOfError(error: unknown): number | undefined {
  if (isHealingError(error)) return statusOf(error.code);
  const status = part(error, "status");
  return typeof status === "number" ? status : undefined;
}
