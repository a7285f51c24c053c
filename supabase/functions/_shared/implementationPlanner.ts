/**
 * Plans what a project consists of: a model lists its files, part by part when its reply is cut, and what it lists is
 * taken as what it is: the words of a stranger. A path that leaves the project, too many files, a shape that does not
 * fit: each is refused with a code, and never made to fit.
 *
 * @module
 */

import { assertProjectFiles, type ProjectLimits } from "./core/projectPaths.ts";
import { isHealingError } from "./core/errors.ts";
import { JsonParseError } from "./robustJsonParser.ts";
import { modelRefused, refusedAs } from "./implementationPlanner/refusals.ts";
import { planQuestion } from "./implementationPlanner/prompts.ts";
import { partOfPlan, type PlanReply } from "./implementationPlanner/schema.ts";
import type {
  PlannedFile,
  PlannerModel,
  PlanOptions,
  PlanOrder,
  PlanSoFar,
} from "./implementationPlanner/types.ts";

// The path under which the documents name it.
export { robustJSONParse } from "./robustJsonParser.ts";
export type {
  PlannedFile,
  PlannerModel,
  PlannerQuestion,
  PlanOptions,
  PlanOrder,
  PlanSoFar,
} from "./implementationPlanner/types.ts";
export { planSoFar } from "./implementationPlanner/schema.ts";

/** What a generated project may hold. */
export const GENERATION_LIMITS: ProjectLimits = {
  files: 200,
  fileBytes: 200_000,
  totalBytes: 4_000_000,
  pathLength: 180,
};

/** Parts that a plan may come in. */
export const MOST_PLAN_PARTS = 8;

/** A plan before its first part. */
export function emptyPlan(title: string): PlanSoFar {
  return { title, description: "", files: [], isWhole: false, parts: 0 };
}

/**
 * Asks for the next part of a plan. A reply that is cut gives what of it is whole, and the rest is asked for next; one
 * that brings nothing new ends with `JSON_TRUNCATED`.
 *
 * @example
 * ```ts
 * import { emptyPlan, planNext } from "./implementationPlanner.ts";
 *
 * const reply = { title: "Notes", files: [{ path: "src/App.tsx", purpose: "the list" }], done: true };
 * const model = { completeJson: () => Promise.resolve({ kind: "answered" as const, value: reply as never }) };
 * const fence = (text: string) => Promise.resolve({ text, rule: "" });
 * const order = { request: "a list of notes", framework: "react-vite", migrationPath: "supabase/migrations/1_a.sql" };
 * const plan = await planNext(model, { ...order, fence }, emptyPlan("App"));
 * if (!plan.isWhole || plan.files[0]?.path !== "src/App.tsx") throw new Error("unexpected");
 * ```
 */
export async function planNext(
  model: PlannerModel,
  order: PlanOrder,
  plan: PlanSoFar,
  options: PlanOptions = {},
): Promise<PlanSoFar> {
  const { reply, isCut } = await askForPart(model, order, plan, options);
  const known = new Set(plan.files.map(({ path }) => path));
  const fresh = reply.files.filter(({ path }) => !known.has(path));
  const next = {
    title: plan.parts === 0 && reply.title !== "" ? reply.title : plan.title,
    description: plan.parts === 0 ? reply.description : plan.description,
    files: [...plan.files, ...unique(fresh)],
    isWhole: !isCut && reply.done,
    parts: plan.parts + 1,
  };
  assertPlan(next, options.limits ?? GENERATION_LIMITS);
  if (next.isWhole || fresh.length > 0) {
    return { ...next, isWhole: next.isWhole || next.parts >= MOST_PLAN_PARTS };
  }
  if (isCut) {
    throw refusedAs("plan_truncated", "JSON_TRUNCATED", "The plan was cut before it named another file", {
      hint: "Ask for less, or name a model that may write more",
    });
  }
  return { ...next, isWhole: true };
}

async function askForPart(
  model: PlannerModel,
  order: PlanOrder,
  plan: PlanSoFar,
  { signal, timeoutMs }: PlanOptions,
): Promise<{ reply: PlanReply; isCut: boolean }> {
  const question = await planQuestion(order, plan);
  try {
    const answer = await model.completeJson({
      ...question,
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (answer.kind === "refused") throw modelRefused(answer);
    return { reply: answer.value, isCut: false };
  } catch (error) {
    const part = error instanceof JsonParseError && error.code === "JSON_TRUNCATED"
      ? partOfPlan(error.partialValue)
      : undefined;
    if (part === undefined) throw error;
    return { reply: part, isCut: true };
  }
}

/** The same path twice in one reply is one file. */
function unique(files: readonly PlannedFile[]): PlannedFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function assertPlan({ files, isWhole }: PlanSoFar, limits: ProjectLimits): void {
  try {
    assertProjectFiles(files.map(({ path }) => ({ path, content: "" })), limits);
  } catch (error) {
    if (!isHealingError(error)) throw error;
    const type = error.code === "PAYLOAD_TOO_LARGE" ? "project_too_large" : "path_refused";
    throw refusedAs(type, error.code, `The plan is refused: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
  if (isWhole && files.length === 0) {
    throw refusedAs("plan_empty", "JSON_SCHEMA_MISMATCH", "The plan names no file", {
      hint: "Say in the request what is to be built",
    });
  }
}
