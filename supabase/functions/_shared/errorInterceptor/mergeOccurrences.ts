/** Occurrences of one error that travel together: a storm is sent as one error and its number. @module */

import { isRecord } from "../core/unknownValues.ts";
import type { CapturedError } from "../healingDb.ts";

/**
 * One error for all of a batch that belong to one group: the last of them, with their number and their traces, which
 * is what the database would make of them. What brings an operation goes by itself.
 */
export function mergeOccurrences(errors: readonly CapturedError[]): CapturedError[] {
  const groups = new Map<string, CapturedError[]>();
  const alone: CapturedError[] = [];
  for (const error of errors) {
    if (error.operation !== undefined) {
      alone.push(error);
      continue;
    }
    const key = `${error.project_id ?? ""} ${error.fingerprint}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [error]);
    else group.push(error);
  }
  return [...[...groups.values()].map(mergeGroup), ...alone];
}

function mergeGroup(errors: readonly CapturedError[]): CapturedError {
  const last = errors.at(-1)!;
  if (errors.length === 1) return last;
  const own = traceOf(last);
  const others = errors.map(traceOf).filter((trace) => trace !== undefined && trace !== own);
  const traces = [...new Set(others)] as string[];
  return {
    ...last,
    occurrences: errors.reduce((sum, { occurrences = 1 }) => sum + occurrences, 0),
    ...(traces.length === 0 ? {} : { further_traceparents: traces }),
  };
}

function traceOf({ context }: CapturedError): string | undefined {
  const traceparent = isRecord(context) ? context.traceparent : undefined;
  return typeof traceparent === "string" ? traceparent : undefined;
}
