/** Stores what the JSON parser could not read, and what it had to mend, where an admin finds it. @module */

import { runInBackground } from "./core/background.ts";
import type { Json } from "./core/ports.ts";
import { sanitizeText } from "./errorSanitizer.ts";
import { createHealingEvent, recordGenerationFailures, type RpcPort } from "./healingDb.ts";
import type {
  JsonFailureReport,
  JsonParsePort,
  JsonRepairReport,
  TextSanitiser,
} from "./robustJsonParser.ts";

/** What the reports are about. */
export interface JsonReporterContext {
  functionName?: string;
  projectId?: string;
  /** What the model was asked to write for, such as `react`. */
  framework?: string;
  /** What the user had asked for; sanitised before it is kept. */
  userRequest?: string;
}

/**
 * Options for `robustJSONParse` that store failures in `generation_failures` and repairs in `healing_events`, in the
 * background and with the text sanitised.
 *
 * @example
 * ```ts
 * import { jsonReporter } from "./jsonReporter.ts";
 * import { robustJSONParse } from "./robustJsonParser.ts";
 *
 * const calls: string[] = [];
 * const db = { call: (name: string) => (calls.push(name), Promise.resolve([] as never)) };
 * await robustJSONParse("{name: 'Ada'}", jsonReporter(db, { functionName: "plan" }));
 * console.assert(calls[0] === "create_healing_events");
 * ```
 */
export function jsonReporter(
  db: RpcPort,
  context: JsonReporterContext = {},
): JsonParsePort & { sanitise: TextSanitiser } {
  return {
    sanitise: sanitizeText,
    onFailure: (report) => runInBackground(() => storeFailure(db, report, context)),
    onRepair: (report) => runInBackground(() => storeRepair(db, report, context)),
  };
}

async function storeFailure(
  db: RpcPort,
  { error, ...report }: JsonFailureReport,
  context: JsonReporterContext,
): Promise<void> {
  await recordGenerationFailures(db, [{
    error_type: error.code.toLowerCase(),
    error_message: error.message,
    failure_category: "json",
    severity: "medium",
    details: {
      ...report,
      position: error.position,
      tried: [...error.tried],
      function_name: context.functionName ?? null,
    },
    ...(context.framework === undefined ? {} : { framework: context.framework }),
    ...(context.projectId === undefined ? {} : { project_id: context.projectId }),
    ...(context.userRequest === undefined
      ? {}
      : { user_request: sanitizeText(context.userRequest, { maxLength: 4_000 }) }),
  }]);
}

async function storeRepair(
  db: RpcPort,
  report: JsonRepairReport,
  context: JsonReporterContext,
): Promise<void> {
  const { repairs, repairCounts, ...rest } = report;
  await createHealingEvent(db, {
    event_type: "json_repaired",
    category: "ai",
    severity: "low",
    result: report.complete ? "success" : "inconclusive",
    message: Object.entries(repairCounts).map(([kind, count]) => `${kind}: ${count}`).join(", ") ||
      "the text was cut",
    strategy: report.level,
    function_name: context.functionName ?? null,
    ...(context.projectId === undefined ? {} : { project_id: context.projectId }),
    details: { ...rest, repairs: repairs.map((repair): Json => ({ ...repair })) },
  });
}
