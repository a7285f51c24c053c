/** What the proposers are told about a claimed error. @module */

import type { Decision } from "../contextAnalysis.ts";
import type { ErrorFacts, FailurePlace } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { isRecord } from "../core/unknownValues.ts";
import type { ClaimedError } from "../healingDb.ts";
import type { ErrorToAnalyse } from "./analysis.ts";
import type { HealSituation } from "./options.ts";

/** The facts about a stored error. */
export function factsOf(error: ErrorToAnalyse): ErrorFacts {
  const context = error.context;
  return {
    code: error.error_code ?? "",
    message: error.error_message,
    signature: error.error_signature,
    template: error.error_template,
    slots: error.slots,
    errorType: error.error_type,
    transient: isRecord(context) && context.transient === true,
    queuedOperations: error.queued_operations ?? 0,
    place: placeOf(context),
  };
}

const MOST_COLUMNS = 8;

/** What the details of a failure say about its place; anything else in them is left where it is. */
export function placeOf(context: Json): FailurePlace {
  const details = memberOf(context, "details");
  const columns = memberOf(details, "conflict");
  const conflict = Array.isArray(columns) && columns.length > 0 && columns.length <= MOST_COLUMNS
    ? columns.filter((column) => typeof column === "string" && column.length <= 63) as string[]
    : [];
  const text = (name: string) => {
    const value = memberOf(details, name);
    return typeof value === "string" && value.length <= 127 ? value : undefined;
  };
  const relation = text("relation") ?? text("table");
  const role = text("role");
  const bucket = text("bucket");
  const operation = text("operation");
  return {
    ...(relation === undefined ? {} : { relation }),
    ...(role === undefined ? {} : { role }),
    ...(bucket === undefined ? {} : { bucket }),
    ...(conflict.length === 0 ? {} : { conflict }),
    ...(operation === "read" || operation === "write" ? { operation } : {}),
  };
}

/** What a person is asked; of an ambiguous name with what the server itself says that it may mean. */
export function questionOf({ reason, question = "" }: Decision, context: Json): string {
  const hint = memberOf(context, "hint");
  const list = /one of the following: (.{1,1000})$/s.exec(typeof hint === "string" ? hint : "")?.[1] ?? "";
  const names = [...list.matchAll(/'([^'\n]{1,200})'/g)].map(([, name]) => name);
  const choices = names.length === 0 ? "" : ` It is one of: ${names.join(", ")}`;
  return `${reason}. ${question}${choices}`;
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** What mends migrations is told apart from what mends the running system. */
export function categoryOf({ category }: ClaimedError, { origin }: HealSituation): string {
  return origin === "migration" ? "auto_heal" : category;
}
