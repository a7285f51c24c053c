/** Releases to be watched: deployments that are ready, and requests that were counted in the minutes before now. @module */

import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { startRollout, type StoredRollout } from "../../supabase/functions/_shared/rolloutDb.ts";
import type { TestDatabase } from "./database.ts";

/** A deployment that is ready; what a test does not care about is filled in. */
export interface ReadyRelease {
  projectId?: string;
  minutesAgo?: number;
  changes?: Record<string, unknown>;
  environment?: "production" | "preview";
  /** False: what stood there before is not known, so it cannot be rolled back. */
  hasRollbackPoint?: boolean;
}

/** Puts a deployment into the database as a provider has ended it; its id. */
export async function readyRelease(database: TestDatabase, release: ReadyRelease = {}): Promise<string> {
  const {
    projectId = "shop",
    minutesAgo = 0,
    changes = {},
    environment = "production",
    hasRollbackPoint = true,
  } = release;
  await database.query(
    `insert into deployment_targets (project_id, provider, config, vault_entry, updated_by, update_reason)
     values ($1, 'vercel', '{"project": "shop"}', 'deploy_vercel_token', 'test', 'test') on conflict do nothing`,
    [projectId],
  );
  const [row] = await database.query<{ id: string }>(
    `insert into deployment_logs (project_id, target_id, provider, environment, trigger_kind, trigger_reason, changes, status, requested_by, intent,
       intent_at, rollback_point, provider_deployment_id, created_at, deployed_at, finished_at)
     select $1, t.id, 'vercel', $2, 'fix', 'a fix of code', $3, 'ready', 'test', '{}', at, $5, 'dpl_' || gen_random_uuid(), at, at, at
     from deployment_targets as t, (select clock_timestamp() - make_interval(mins => $4::integer) as at) as a where t.project_id = $1 returning id`,
    [
      projectId,
      environment,
      JSON.stringify(changes),
      minutesAgo,
      hasRollbackPoint ? '{"deployment": "dpl_before"}' : null,
    ],
  );
  return row!.id;
}

/** Requests that were counted, the same number in each minute. */
export interface Counted {
  /** The first and the last minute, in minutes before now. */
  from: number;
  to: number;
  n: number;
  errors?: number;
  functionName?: string;
  deployment?: string;
  arm?: "canary" | "control";
  /** How many took a second and not a tenth of one. */
  slow?: number;
}

/** The cells of a tenth of a second and of a second. */
const [QUICK, SLOW] = [100, 1_000].map((ms) => Math.ceil(Math.log(ms) / Math.log(1.02 / 0.98)));

const minutes = new WeakMap<TestDatabase, Promise<Date>>();

/** The minute in which a test began to count: arms that are counted around the full minute are still of the same minutes. */
function minuteOf(database: TestDatabase): Promise<Date> {
  const known = minutes.get(database);
  if (known !== undefined) return known;
  const minute = database.query<{ at: Date }>("select date_trunc('minute', clock_timestamp()) as at")
    .then(([row]) => row!.at);
  minutes.set(database, minute);
  return minute;
}

/** Counts requests as `record_performance_metrics` would have. */
export async function countRequests(database: TestDatabase, counted: Counted): Promise<void> {
  const { from, to, n, errors = 0, functionName = "checkout", deployment, arm, slow = 0 } = counted;
  const histogram = { [QUICK!]: n - errors - slow, ...slow > 0 ? { [SLOW!]: slow } : {} };
  const outcomes = [["ok", n - errors, histogram], ["error", errors, { [QUICK!]: errors }]] as const;
  for (const [outcome, count, cells] of outcomes) {
    if (count === 0) continue;
    const tags = { function: functionName, outcome, ...deployment === undefined ? {} : { deployment, arm } };
    await database.query(
      `insert into performance_metrics as m (bucket_start, name, kind, tags, sample_count, sample_sum, sample_min, sample_max, histogram)
       select $6::timestamptz - make_interval(mins => ago), 'requests', 'duration', $3, $4::bigint, $4::float8, 1, 1, $5
       from generate_series($2::integer, $1::integer) as ago
       on conflict (bucket_start, name, kind, tags) do update set sample_count = m.sample_count + excluded.sample_count`,
      [from, to, JSON.stringify(tags), count, JSON.stringify(cells), await minuteOf(database)],
    );
  }
}

/** Makes a rollout, and its step, as old as if it had begun so many minutes ago; it is due for a look. */
export async function ageRollout(database: TestDatabase, rolloutId: string, minutes: number): Promise<void> {
  await database.query(
    `update rollouts set started_at = clock_timestamp() - make_interval(mins => $2::integer), next_look_at = clock_timestamp(),
       step_started_at = clock_timestamp() - make_interval(mins => $2::integer) where id = $1`,
    [rolloutId, minutes],
  );
}

/** What rollouts may do by themselves. */
export async function letDeploymentsAct(database: TestDatabase): Promise<void> {
  await database.query(`select change_healing_setting('mode_deployment', '"auto"', 'a test')`);
}

/** For whom a release of checkout is let in by shares. */
export const FEATURE = { mode: "feature" as const, functions: ["checkout"] };

/** A rollout as it stands. */
export async function readRollout(database: TestDatabase, id: string): Promise<StoredRollout> {
  return (await database.query<StoredRollout>("select * from rollouts where id = $1", [id]))[0]!;
}

/** Three days of two errors in a hundred, until an hour ago. */
export function usual(database: TestDatabase): Promise<void> {
  return countRequests(database, { from: 3 * 1_440, to: 61, n: 50, errors: 1 });
}

/** A rollout that began an hour ago, with the figures of both arms in each minute since. */
export async function began(
  database: TestDatabase,
  rpc: RpcPort,
  arms: { n?: number; errors: number; controlErrors: number; slow?: number },
  options = {},
): Promise<StoredRollout> {
  const { n = 50, errors, controlErrors, slow = 0 } = arms;
  await usual(database);
  const deployment = await readyRelease(database, { minutesAgo: 60, ...options });
  const rollout = await startRollout(rpc, deployment, FEATURE);
  await ageRollout(database, rollout.id, 60);
  await countRequests(database, { from: 59, to: 2, n, errors, slow, deployment, arm: "canary" });
  await countRequests(database, {
    from: 59,
    to: 2,
    n: 100,
    errors: controlErrors,
    deployment,
    arm: "control",
  });
  return rollout;
}
