/** What a failed generation is told as, and which failures pass. @module */

import { HealingError, type HealingErrorCode, isHealingError, messageOf } from "../core/errors.ts";
import type { GenerationFailure } from "../generationDb.ts";

interface Kind {
  category: string;
  severity: NonNullable<GenerationFailure["severity"]>;
}

const BY_TYPE: Readonly<Record<string, Kind>> = {
  model_refused: { category: "refusal", severity: "low" },
  path_refused: { category: "hostile_reply", severity: "high" },
  project_too_large: { category: "hostile_reply", severity: "high" },
  file_not_text: { category: "hostile_reply", severity: "high" },
  plan_truncated: { category: "model_reply", severity: "medium" },
  file_truncated: { category: "model_reply", severity: "medium" },
  files_missing: { category: "model_reply", severity: "medium" },
  plan_empty: { category: "model_reply", severity: "medium" },
};

const BY_CODE: Readonly<Partial<Record<HealingErrorCode, Kind>>> = {
  TIMEOUT: { category: "timeout", severity: "high" },
  RATE_LIMITED: { category: "model", severity: "medium" },
  UNAVAILABLE: { category: "model", severity: "high" },
  CONFIG_MISSING: { category: "configuration", severity: "high" },
  FORBIDDEN: { category: "refusal", severity: "low" },
  DATABASE_ERROR: { category: "database", severity: "high" },
};

const PASSING: ReadonlySet<string> = new Set(["TIMEOUT", "RATE_LIMITED", "UNAVAILABLE", "CONFLICT"]);

/** True for a failure of a model's call that the same call may not have a little later. */
export function isPassingFailure(error: unknown): error is HealingError {
  return isHealingError(error) && PASSING.has(error.code) && error.details?.refused !== true;
}

/** True for trouble between us and the database that passes: it says nothing about what is generated. */
export function isDatabaseAway(error: unknown): boolean {
  if (!isHealingError(error)) return false;
  const { sqlState } = error.details ?? {};
  return error.code === "UNAVAILABLE" || (error.code === "CONFLICT" && /^40/.test(String(sqlState)));
}

/** The failure as it is stored: coded, sanitised, and of a kind that can be counted. */
export async function failureOf(error: unknown): Promise<GenerationFailure> {
  const { sanitizeText, sanitizeError } = await import("../errorSanitizer.ts");
  if (!isHealingError(error)) {
    const { stack } = sanitizeError(error);
    return {
      code: "INTERNAL",
      error_type: "generation_internal",
      message: `The generation failed on our side: ${sanitizeText(messageOf(error), { maxLength: 1_000 })}`,
      hint: "Quote the request id when you report it",
      failure_category: "internal",
      severity: "high",
      ...(stack === undefined ? {} : { stack_trace: String(stack) }),
    };
  }
  const named = error.details?.errorType;
  const errorType = typeof named === "string" ? named : error.code.toLowerCase();
  const kind = BY_TYPE[errorType] ?? BY_CODE[error.code] ??
    (error.code.startsWith("JSON_")
      ? { category: "model_reply", severity: "medium" as const }
      : { category: "generation", severity: "medium" as const });
  return {
    code: error.code,
    error_type: errorType.slice(0, 100),
    message: sanitizeText(error.message, { maxLength: 1_000 }),
    ...(error.hint === undefined ? {} : { hint: sanitizeText(error.hint, { maxLength: 500 }) }),
    failure_category: kind.category,
    severity: kind.severity,
  };
}
