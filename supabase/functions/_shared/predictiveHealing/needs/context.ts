/** What the rules about needs look at, and how they write down what they find. @module */

import type { FunctionCalls } from "../sourceCalls.ts";
import { nameOfNeed, type Need } from "../need.ts";
import type { Made, SchemaModel } from "../schemaModel.ts";
import type { ReadStatement } from "../scripts.ts";

/** The project as it was read. */
export interface ProjectRead {
  statements: readonly ReadStatement[];
  model: SchemaModel;
  code: readonly FunctionCalls[];
  requirements: string;
}

/** One rule: what it looks for stands at the head of its file. */
export type NeedRule = (project: ProjectRead) => Need[];

/** What is made before a statement, or, where that does not matter, at all. */
export function madeBefore(
  made: Made | undefined,
  { order, isDeferred }: { order: number; isDeferred: boolean },
) {
  return made !== undefined && (isDeferred || made.order <= order) ? { madeAt: made.place } : {};
}

/** Each thing once: where it is needed first, and a sure need before a likely one. */
export function eachOnce(needs: readonly Need[]): Need[] {
  const byName = new Map<string, Need>();
  for (const need of needs) {
    const name = nameOfNeed(need.subject);
    const known = byName.get(name);
    const isBetter = known !== undefined && (known.certainty === "likely" && need.certainty === "sure" ||
      known.certainty === need.certainty && known.madeAt !== undefined && need.madeAt === undefined);
    if (known === undefined || isBetter) byName.set(name, need);
  }
  return [...byName.values()];
}

/** Schemas that the platform brings along. */
export const PLATFORM_SCHEMAS: ReadonlySet<string> = new Set([
  "auth",
  "storage",
  "realtime",
  "vault",
  "net",
  "cron",
  "extensions",
  "graphql",
  "graphql_public",
  "pgbouncer",
  "pgsodium",
  "pgmq",
  "pgmq_public",
  "supabase_functions",
  "supabase_migrations",
  "information_schema",
  "pg_catalog",
  "pg_temp",
]);
