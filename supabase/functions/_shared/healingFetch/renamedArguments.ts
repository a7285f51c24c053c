/** A call of a function whose arguments are spelled otherwise in the database: the same values under their own names. @module */

import { isRecord } from "../core/unknownValues.ts";
import { healPayload } from "../deterministicFixPatterns.ts";
import type { FunctionArgument } from "../healingDb.ts";
import type { FailedCall } from "./failedCall.ts";

/**
 * The body with every argument under its own name; null unless each is clearly meant, none is left over, none that is
 * needed is missing and no value has to change. A right, an owner or an amount only goes by its exact name.
 */
export function renameArguments(
  name: string,
  args: readonly FunctionArgument[],
  { method, body = "" }: Pick<FailedCall, "method" | "body">,
): string | null {
  const given = method === "POST" ? parsed(body) : null;
  if (given === null) return null;
  const columns = args.map(({ name, type, nullable, required }) => ({
    name,
    type,
    nullable,
    default: required ? null : "its own",
  }));
  const { decision, row, applied } = healPayload({ table: `rpc:${name}`, columns }, given);
  const isWhole = args.every(({ name, required }) => !required || Object.hasOwn(row, name));
  const isOnlyNames = applied.length > 0 &&
    applied.every(({ action, rest }) => action === "rename_column" && rest === undefined);
  return decision === "map" && isWhole && isOnlyNames ? JSON.stringify(row) : null;
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
