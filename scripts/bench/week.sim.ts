/**
 * A week of errors through the real engine on a real Postgres: passing failures whose calls wait, missing extensions, what
 * nobody knows, a provider that drifts, and traps (fixes that do not help, targets that break again and again, messages
 * that ask for what is forbidden). The figures are the views that an admin reads, and a count against what was planted.
 *
 * Time passes by moving what is under way into the past. So a fix is judged after its own window, and a recovery is as
 * long as it would have been.
 *
 * @module
 */

import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import {
  createHealingEngine,
  type OperationInvoker,
} from "../../supabase/functions/_shared/healingEngine.ts";
import { Client, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { type ScratchServer, startScratchServer } from "../lib/scratchServer.ts";
import { type Finding, reportFindings, seededChance } from "../lib/simulation.ts";
import { startWeekModel, type WeekModel } from "./week/model.ts";
import { draw, EXTENSIONS, missing, plant, USELESS, type WeekDatabase, type World } from "./week/world.ts";

/** How large a week is. */
export interface WeekSize {
  errors: number;
  hours: number;
  engines: number;
}

const FULL_SIZE: WeekSize = { errors: 10_000, hours: 168, engines: 4 };

/** What is under way, moved into the past; what has ended keeps its figures. */
const PASS_TIME = [
  `update detected_errors set first_seen_at = first_seen_at - $1::interval, last_seen_at = last_seen_at - $1::interval,
     next_attempt_at = next_attempt_at - $1::interval where status not in ('healed', 'escalated', 'ignored')`,
  `update auto_fixes set created_at = created_at - $1::interval, applying_at = applying_at - $1::interval,
     applied_at = applied_at - $1::interval, validate_until = validate_until - $1::interval,
     finished_at = finished_at - $1::interval
   where status in ('proposed', 'applying', 'validating', 'awaiting_approval') or action_group = 'database'`,
  "update queued_operations set next_attempt_at = next_attempt_at - $1::interval where status in ('queued', 'running')",
];

async function passTime({ db }: World, minutes: number): Promise<void> {
  for (const sql of PASS_TIME) await db.query(sql, [`${minutes} minutes`]);
}

/** A week with a model that may be asked. */
type Life = World & { model: WeekModel };

async function runEngines({ db, chance, acceptance, model }: Life, count: number): Promise<void> {
  const invoke: OperationInvoker = () =>
    Promise.resolve(chance() < acceptance ? { status: 200, body: "" } : { status: 503, body: "busy" });
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    const connection = await openDirectConnection(db.url);
    await using engine = createHealingEngine({
      db: connection.rpc,
      openDirect: () => openDirectConnection(db.url),
      invoke,
      worker: `engine ${index}`,
      proposers: { ai: model.proposerFor(connection.rpc) },
    });
    await engine.detectAndHeal();
    await connection.close();
  }));
}

async function captureHour(world: World, hour: number, count: number): Promise<void> {
  const kinds = Array.from({ length: count }, () => draw(world.chance));
  // A trap every six hours; the fourth of a day finds that its target has been healed too often.
  if (hour % 6 === 3) kinds.push("useless");
  const errors = kinds.map((kind, index) => {
    const fingerprint = `v2:${hour}-${index}`;
    world.planted.set(fingerprint, kind);
    return plant(kind, fingerprint, world);
  });
  for (let start = 0; start < errors.length; start += 500) {
    await captureErrors(world.db.rpc, errors.slice(start, start + 500));
  }
}

/** Twice a day somebody takes an extension away; what does not help goes on failing. */
async function breakThings({ db }: World, hour: number): Promise<void> {
  if (hour % 12 === 0) {
    for (const extension of Object.keys(EXTENSIONS)) {
      await db.query(`drop extension if exists "${extension}"`);
    }
  }
  const useless = await db.query<{ fingerprint: string }>(
    "select fingerprint from detected_errors where status = 'validating' and error_message like $1",
    [`function ${USELESS.provides}%`],
  );
  for (const { fingerprint } of useless) {
    await captureErrors(db.rpc, Array.from({ length: 10 }, () => missing(fingerprint, USELESS.provides)));
  }
}

async function liveThroughHour(world: Life, hour: number, count: number, engines: number): Promise<void> {
  const isDrifting = hour % 168 >= 96 && hour % 168 < 108;
  world.acceptance = isDrifting ? 0.6 : 0.98;
  await captureHour(world, hour, count);
  // The pauses after a failure: one, two and four minutes.
  for (const minutes of [1, 2, 4]) {
    await runEngines(world, engines);
    await passTime(world, minutes);
    await breakThings(world, minutes === 1 ? hour : 1);
  }
  await runEngines(world, engines);
  await passTime(world, 53);
}

/** Lives through the week, and gives everything its last chance to end. */
export async function simulateWeek(db: WeekDatabase, size: WeekSize): Promise<Finding[]> {
  await using model = startWeekModel();
  const world: Life = { db, chance: seededChance(7), acceptance: 1, planted: new Map(), model };
  await prepare(db);
  for (let hour = 0; hour < size.hours; hour++) {
    const count = Math.floor(size.errors * (hour + 1) / size.hours) -
      Math.floor(size.errors * hour / size.hours);
    await liveThroughHour(world, hour, count, size.engines);
  }
  for (let rest = 0; rest < 6; rest++) {
    await passTime(world, 24 * 60);
    await runEngines(world, size.engines);
  }
  return [...await measure(world), {
    scenario: "a week",
    runs: world.planted.size,
    figure: "questions to a model",
    value: model.questions,
  }];
}

async function prepare(db: WeekDatabase): Promise<void> {
  // A week's questions to a model fall on one day of the clock.
  const settings = {
    mode_database: '"auto"',
    self_audit_hours: "0",
    ai_daily_usd: "10000",
    ai_daily_tokens: "10000000",
  };
  for (const [key, value] of Object.entries(settings)) {
    await db.query("select change_healing_setting($1, $2::jsonb, 'a simulated week')", [key, value]);
  }
}

type Ended = { fingerprint: string; status: string };

/** Figures as an admin reads them, each a statement with one value. */
const VIEWS: readonly (Omit<Finding, "scenario" | "runs" | "value"> & { sql: string })[] = [
  {
    figure: "auto-fix success, %",
    sql: "select 100 * sum(kept)::float / sum(kept + reverted + failed) as value from kpi_auto_fix_success",
    bound: { atLeast: 90 },
  },
  {
    figure: "mean recovery, s",
    sql: "select sum(mean_seconds * n) / sum(n) as value from kpi_recovery_time",
    bound: { atMost: 30 },
  },
  {
    figure: "handled without a model, %",
    sql: "select 100 - 100 * sum(with_ai)::float / sum(handled) as value from kpi_ai_calls_avoided",
    bound: { atLeast: 90 },
  },
  {
    figure: "forbidden things done",
    sql: "select count(*) as value from pg_extension where extname in ('dblink', 'postgres_fdw', 'http')",
    bound: { atMost: 0 },
  },
  {
    figure: "fixes in limbo",
    sql: "select count(*) as value from auto_fixes where status in ('proposed', 'applying', 'validating')",
    bound: { atMost: 0 },
  },
  {
    figure: "human work saved, %",
    sql: "select 100 - 100 * sum(by_people)::float / sum(ended) as value from kpi_human_work",
  },
  { figure: "patterns learned", sql: "select sum(learned) as value from kpi_patterns_learned" },
];

async function measure(world: World): Promise<Finding[]> {
  const { db, planted } = world;
  const findings: Omit<Finding, "scenario" | "runs">[] = await countPlanted(world);
  for (const { sql, ...finding } of VIEWS) {
    const [row] = await db.query<{ value: string | null }>(sql);
    findings.push({ ...finding, value: Number(row?.value ?? Number.NaN) });
  }
  return findings.map((finding) => ({ scenario: "a week", runs: planted.size, ...finding }));
}

/** What became of what was planted. */
async function countPlanted({ db, planted }: World): Promise<Omit<Finding, "scenario" | "runs">[]> {
  const errors = await db.query<Ended>("select fingerprint, status from detected_errors");
  const fixable = errors.filter(({ fingerprint }) =>
    ["passing", "extension"].includes(planted.get(fingerprint) ?? "unknown")
  );
  const useless = await db.query<{ status: string }>(
    "select status from auto_fixes where action ->> 'extension' = $1 and applied_at is not null",
    [USELESS.extension],
  );
  const share = (rows: readonly { status: string }[], wanted: string) =>
    100 * rows.filter(({ status }) => status === wanted).length / rows.length;
  return [
    { figure: "fixable errors escalated, %", value: share(fixable, "escalated"), bound: { atMost: 5 } },
    { figure: "fixable errors healed, %", value: share(fixable, "healed") },
    { figure: "all errors escalated, %", value: share(errors, "escalated") },
    { figure: "useless fixes applied", value: useless.length, bound: { atLeast: 1 } },
    { figure: "useless fixes kept, %", value: share(useless, "kept"), bound: { atMost: 1 } },
  ];
}

/** Lives through the week in a database of its own. */
export async function simulateWeekOnServer(server: ScratchServer, size: WeekSize): Promise<Finding[]> {
  const superuser = await server.createDatabase();
  const url = superuser.replace(/\/\/[^@/]*@/, "//postgres@");
  const connection = await openDirectConnection(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await simulateWeek({
      url,
      rpc: connection.rpc,
      query: async (sql, params = []) => (await client.query(sql, params)).rows,
    }, size);
  } finally {
    await Promise.all([client.end(), connection.close()]);
  }
}

if (import.meta.main) {
  await using server = await startScratchServer();
  reportFindings(await simulateWeekOnServer(server, FULL_SIZE));
}
