/**
 * What a model may propose, and about what.
 *
 * A kind that is not in the list cannot be proposed by a model, so that a new kind is out of its reach until somebody
 * puts it here. Beside each kind stand the classes of errors that it answers. For an error of another class it is
 * refused, except where the class says nothing about the cause: then a person decides.
 *
 * Not here: the text of a migration (only transforms that rules choose change it), a payload (only the request that
 * holds it can mend it), views (no error speaks of them), and the sandbox.
 *
 * @module
 */

import type { ErrorFacts } from "../core/fixes.ts";
import type { ErrorType } from "../errorClassifier.ts";
import type { FixKindName } from "../fixActions.ts";

const ANSWERS = {
  create_extension: [
    "missing_function",
    "missing_type",
    "missing_extension",
    "missing_operator",
    "missing_object",
  ],
  create_schema: ["missing_schema"],
  create_bucket: ["missing_bucket"],
  grant_privilege: ["permission_denied"],
  reload_schema_cache: [
    "schema_cache_stale",
    "missing_relationship",
    "missing_column",
    "missing_relation",
    "missing_function",
  ],
  replace_policy: ["policy_recursion"],
  repair_signup_trigger: ["auth_database_error"],
  resync_sequence: ["unique_violation"],
  reset_connection: ["prepared_statement"],
  retry: [],
} as const satisfies Partial<Record<FixKindName, readonly ErrorType[]>>;

/** A kind that a model may name. */
export type ModelKind = keyof typeof ANSWERS;

/** All of them. */
export const MODEL_KINDS = Object.keys(ANSWERS) as readonly ModelKind[];

/** Classes that say nothing about the cause. */
const OPEN_CLASSES: ReadonlySet<string> = new Set<ErrorType>([
  "unknown",
  "internal_error",
  "internal_fault",
  "function_error",
  "function_failed",
  "raised_by_code",
  "server_error",
]);

/** Damage, limits and refusals: nobody mends them, and no model is asked how. */
const CLOSED_CLASSES: ReadonlySet<string> = new Set<ErrorType>([
  "corruption",
  "platform_limit",
  "content_refused",
  "region_blocked",
  "resource_exhausted",
]);

/** Whether a kind may be named about an error: at once, by a person's word, or not at all. */
export function fitOf(
  kind: string,
  { errorType, code }: Pick<ErrorFacts, "errorType" | "code">,
): "fits" | "open" | "no" {
  if (!Object.hasOwn(ANSWERS, kind) || CLOSED_CLASSES.has(errorType)) return "no";
  const classes: readonly string[] = ANSWERS[kind as ModelKind];
  // What the database itself does not find is in nobody's copy either.
  const isOfInterface = kind !== "reload_schema_cache" || code.startsWith("PGRST");
  if (classes.includes(errorType) && isOfInterface) return "fits";
  return OPEN_CLASSES.has(errorType) ? "open" : "no";
}

/** Whether the class of an error does not say what could mend it: a model's answer is for a person then. */
export function isOpen(facts: ErrorFacts): boolean {
  return MODEL_KINDS.every((kind) => fitOf(kind, facts) !== "fits");
}

/** Why no model is asked about an error: a sentence, or null when it may know what nobody else does. */
export function whyNotAsked(
  facts: ErrorFacts,
  { refusal, source, tried }: { refusal: string | null; source: string; tried: readonly string[] },
): string | null {
  if (source === "self_audit") return "the system tries itself";
  if (facts.transient) return "it passes by itself";
  if (refusal !== null) return `it is known: ${refusal}`;
  return MODEL_KINDS.some((kind) => fitOf(kind, facts) !== "no" && !tried.includes(kind))
    ? null
    : `no other fix that a model may propose answers an error of type ${facts.errorType}`;
}
