/** Experiments on a test database: a pattern with two fixes, outcomes in bulk, and time that passes. @module */

import {
  concludeExperiment,
  createFixExperiment,
  type ExperimentVariant,
  type FixExperimentOptions,
  routeToVariant,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { type StoredExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import {
  type HealingPattern,
  type RpcPort,
  upsertHealingPattern,
} from "../../supabase/functions/_shared/healingDb.ts";
import type { Session } from "./testDatabase.ts";

/** What is in force. */
export const FIX_A = { kind: "create_schema", schema: "$1" };
/** What challenges it. */
export const FIX_B = { kind: "retry" };

/** The pattern whose fix is in force. */
export function storePattern(
  rpc: RpcPort,
  errorSignature = "3F000: schema $1 does not exist",
): Promise<HealingPattern> {
  return upsertHealingPattern(rpc, {
    pattern_name: "missing_schema: create_schema",
    error_signature: errorSignature,
    fix_strategy: FIX_A,
    category: "database",
    origin: "deterministic",
  });
}

/** Starts an experiment on a pattern of its own; a result counts at once unless said otherwise. */
export async function startExperiment(
  rpc: RpcPort,
  { signature, ...options }: FixExperimentOptions & { signature?: string } = {},
): Promise<string> {
  const pattern = await storePattern(rpc, signature);
  const { id } = await createFixExperiment(rpc, pattern, FIX_A, FIX_B, { maturitySeconds: 0, ...options });
  return id;
}

/** The stored experiment. */
export async function readExperiment(session: Session, id: string): Promise<StoredExperiment> {
  const [row] = await session.query<{ experiment: StoredExperiment }>(
    "select to_jsonb(e) as experiment from public.fix_experiments as e where id = $1",
    [id],
  );
  return row!.experiment;
}

/** One outcome of one variant. */
export interface Outcome {
  variant: ExperimentVariant;
  succeeded: boolean;
}

/** Records outcomes in their order, each its own unit, through the function that callers use. */
export async function recordOutcomes(
  session: Session,
  experimentId: string,
  outcomes: readonly Outcome[],
): Promise<void> {
  await session.query(
    `select count(public.record_variant_result($1, variant, succeeded))
     from unnest($2::text[], $3::boolean[]) as outcome (variant, succeeded)`,
    [experimentId, outcomes.map(({ variant }) => variant), outcomes.map(({ succeeded }) => succeeded)],
  );
}

/** So many successes and failures of both variants, spread evenly over the whole. */
export function outcomesOf(a: [successes: number, n: number], b: [successes: number, n: number]): Outcome[] {
  const spread = (variant: ExperimentVariant, [successes, n]: [number, number]) =>
    Array.from({ length: n }, (_, i) => ({
      at: (i + 0.5) / n,
      variant,
      succeeded: Math.floor((i + 1) * successes / n) > Math.floor(i * successes / n),
    }));
  return [...spread("a", a), ...spread("b", b)].sort((one, other) => one.at - other.at);
}

/** A unit that belongs to a variant. */
export function unitOf(experimentId: string, variant: ExperimentVariant, from = 0): string {
  for (let number = from;; number++) {
    if (routeToVariant(experimentId, `unit-${number}`) === variant) return `unit-${number}`;
  }
}

/** Time passes for the units of all experiments: since the database's clock cannot be moved, stored times go back. */
export async function passTime(session: Session, seconds: number): Promise<void> {
  await session.query(
    `update public.experiment_results set assigned_at = assigned_at - make_interval(secs => $1),
       matures_at = matures_at - make_interval(secs => $1)`,
    [seconds],
  );
}

/** An experiment with these outcomes, judged once. */
export async function judgedExperiment(
  session: Session,
  rpc: RpcPort,
  a: [successes: number, n: number],
  b: [successes: number, n: number],
  options: Parameters<typeof startExperiment>[1] = {},
): Promise<StoredExperiment> {
  const id = await startExperiment(rpc, options);
  await recordOutcomes(session, id, outcomesOf(a, b));
  return await concludeExperiment(rpc, id);
}

/** How many rows of a table there are. */
export async function countRows(session: Session, table: string, where = "true"): Promise<number> {
  const [row] = await session.query<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`);
  return row!.n;
}
