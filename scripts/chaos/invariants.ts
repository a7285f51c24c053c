/**
 * What must hold whatever happens: each invariant is a sentence, a figure and the most that it may be.
 *
 * Those that hold at every moment are looked at after each fault; the others when everything has had its time to end.
 * An invariant finds what breaks it, so that a run that fails says where to look.
 *
 * @module
 */

import type { Ledger } from "./ledger.ts";
import { SCHEMA_PREFIX } from "./captures.ts";
import { connectionsFlat, memoryFlat } from "./flatness.ts";
import type { Sample } from "./watch.ts";

/** What an invariant looks at. */
export interface Evidence {
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  ledger: Ledger;
  samples: readonly Sample[];
}

/** What an invariant has found. */
export interface Measure {
  value: number;
  /** Some of what breaks it. */
  found: string[];
}

/** One invariant. */
export interface Invariant {
  name: string;
  /** `always`: also in the middle of a run. */
  holds: "always" | "at the end";
  atMost: number;
  measure(evidence: Evidence): Promise<Measure>;
}

function counted(found: string[]): Measure {
  return { value: found.length, found: found.slice(0, 5) };
}

/** An invariant that a statement breaks with each row that it finds; its first column says what. */
function noRow(name: string, holds: Invariant["holds"], sql: string): Invariant {
  return {
    name,
    holds,
    atMost: 0,
    measure: async ({ query }) => {
      const rows = await query<Record<string, unknown>>(sql);
      return counted(
        rows.map((row) =>
          Object.values(row).map((value) => typeof value === "string" ? value : JSON.stringify(value)).join(
            " ",
          )
        ),
      );
    },
  };
}

const writesLost: Invariant = {
  name: "writes that were answered and are not there",
  holds: "always",
  atMost: 0,
  async measure({ query, ledger }) {
    // Before the look into the table: what is saved meanwhile is there and not yet expected.
    const saved = [...ledger.savedRows];
    const rows = await query<{ key: string }>("select distinct key from public.messages");
    const stored = new Set(rows.map(({ key }) => key));
    return counted(saved.filter((key) => !stored.has(key)));
  },
};

const writesTwice = noRow(
  "keys that were written twice",
  "always",
  "select key, count(*) from public.messages group by key having count(*) > 1",
);

const reportsLost: Invariant = {
  name: "reports that were answered and are not there",
  holds: "always",
  atMost: 0,
  async measure({ query, ledger }) {
    const saved = [...ledger.savedReports];
    const rows = await query<{ key: string }>("select key from public.chaos_reports");
    const stored = new Set(rows.map(({ key }) => key));
    return counted(saved.filter((key) => !stored.has(key)));
  },
};

const capturesLost: Invariant = {
  name: "captured errors that are not counted, or counted twice",
  holds: "always",
  atMost: 0,
  async measure({ query, ledger }) {
    const before = new Map([...ledger.captured].map(([name, { acknowledged }]) => [name, acknowledged]));
    const rows = await query<{ fingerprint: string; seen: number }>(
      `select fingerprint, sum(occurrence_count)::int as seen from public.detected_errors
       where fingerprint like 'chaos:%' group by fingerprint`,
    );
    const seen = new Map(rows.map((row) => [row.fingerprint, row.seen]));
    return counted([...before].flatMap(([name, acknowledged]) => {
      const count = seen.get(name) ?? 0;
      const { sent } = ledger.captured.get(name)!;
      return count < acknowledged || count > sent ? `${name}: ${count} of ${acknowledged} to ${sent}` : [];
    }));
  },
};

const keptLost: Invariant = {
  name: "calls that were to be made again and wait nowhere",
  holds: "always",
  atMost: 0,
  async measure({ query, ledger }) {
    const kept = [...ledger.kept];
    const rows = await query<{ key: string }>("select idempotency_key as key from public.queued_operations");
    const stored = new Set(rows.map(({ key }) => key));
    return counted(kept.filter((key) => !stored.has(key)));
  },
};

const operationsLost = noRow(
  "waiting calls that are done and have left nothing",
  "always",
  `select idempotency_key, target from public.queued_operations as q
   where status = 'done' and target = 'chaos-call'
     and not exists (select from public.made as m where m.key = q.idempotency_key)
     and case payload ->> 'what'
       when 'write' then exists (select from jsonb_array_elements(payload -> 'rows') as r
         where not exists (select from public.messages as o where o.key = r ->> 'key'))
       when 'report' then not exists (select from public.chaos_reports as o where o.key = q.idempotency_key)
       else false end`,
);

const fixesWithoutThing = noRow(
  "fixes that say applied without the thing",
  "always",
  `select f.id, f.status, f.target from public.auto_fixes as f
   where f.action_kind = 'create_schema' and f.status in ('validating', 'kept')
     and to_regnamespace(f.action ->> 'schema') is null`,
);

const thingsWithoutFix = noRow(
  "things that were made without a fix that says so",
  "always",
  `select n.nspname, (select jsonb_agg(jsonb_build_array(f.status, f.applied_at, f.finished_at, f.verdict ->> 'reason'))
     from public.auto_fixes as f where f.action ->> 'schema' = n.nspname) as fixes from pg_catalog.pg_namespace as n
   where starts_with(n.nspname, '${SCHEMA_PREFIX}')
     and not exists (select from public.auto_fixes as f where f.action_kind = 'create_schema'
       and f.action ->> 'schema' = n.nspname and f.applied_at is not null
         -- What was applied and could not be judged stays, and its row says so.
         and f.status in ('validating', 'kept', 'inconclusive'))`,
);

const fixesTwice = noRow(
  "fixes that were applied or judged twice",
  "always",
  `select auto_fix_id, event_type, count(*) from public.healing_events
   where event_type in ('fix_applied', 'verdict') and auto_fix_id is not null
   group by auto_fix_id, event_type having count(*) > 1`,
);

const improvementsWithoutFix = noRow(
  "improvements in force without a fix that is",
  "always",
  `select i.id, f.status from public.applied_improvements as i join public.auto_fixes as f on f.id = i.auto_fix_id
   where i.status = 'in_force' and f.status not in ('validating', 'kept', 'inconclusive')`,
);

const callsUnanswered: Invariant = {
  name: "calls that never got an answer",
  holds: "at the end",
  atMost: 0,
  measure: ({ ledger }) => Promise.resolve(counted([...ledger.waiting.keys()])),
};

const answersStrange: Invariant = {
  name: "answers that are neither a success nor a coded error",
  holds: "at the end",
  atMost: 0,
  measure: ({ ledger }) => Promise.resolve(counted(ledger.strange)),
};

const LEASES_SQL = `
  select table_name, column_name from information_schema.columns
  where table_schema = 'public' and column_name like '%lease_expires_at' order by table_name`;

/** Whatever table has a lease, now or later: errors, fixes, operations, cycles, tests, deliveries, deployments. */
const leasesOver: Invariant = {
  name: "claims beyond their lease",
  holds: "at the end",
  atMost: 0,
  async measure({ query }) {
    const found: string[] = [];
    const columns = await query<{ table_name: string; column_name: string }>(LEASES_SQL);
    for (const { table_name: table, column_name: column } of columns) {
      // A breaker whose probe is overdue gives the next caller the probe; nothing waits for it.
      if (table === "circuit_breakers") continue;
      const [row] = await query<{ count: number }>(
        `select count(*)::int as count from public.${table} where ${column} < clock_timestamp()`,
      );
      for (let number = 0; number < row!.count; number++) found.push(table);
    }
    return counted(found);
  },
};

const runsWithoutEnd = noRow(
  "runs without an end",
  "at the end",
  `select id, function_name, status from public.healing_runs
   where status in ('dispatched', 'started') and deadline_at < clock_timestamp()`,
);

const errorsInLimbo = noRow(
  "errors in limbo",
  "at the end",
  "select fingerprint, status, claimed_by from public.detected_errors where status in ('healing', 'validating')",
);

const fixesInLimbo = noRow(
  "fixes in limbo",
  "at the end",
  "select id, status, target from public.auto_fixes where status in ('proposed', 'applying', 'validating')",
);

/** What waits for an error of which a person was asked waits for that person. */
const operationsInLimbo = noRow(
  "waiting calls that nobody takes",
  "at the end",
  `select q.idempotency_key, q.status, e.status as of_error, q.attempt_count from public.queued_operations as q
   left join public.detected_errors as e on e.id = q.detected_error_id
   where q.status in ('queued', 'running') and coalesce(e.status, '') not in ('escalated', 'awaiting_approval')`,
);

/** All of them. */
export const INVARIANTS: readonly Invariant[] = [
  writesLost,
  writesTwice,
  reportsLost,
  capturesLost,
  keptLost,
  operationsLost,
  fixesWithoutThing,
  thingsWithoutFix,
  fixesTwice,
  improvementsWithoutFix,
  callsUnanswered,
  answersStrange,
  leasesOver,
  runsWithoutEnd,
  errorsInLimbo,
  fixesInLimbo,
  operationsInLimbo,
  memoryFlat,
  connectionsFlat,
];

/** An invariant with its figure. */
export interface Judgement extends Measure {
  name: string;
  atMost: number;
  isBroken: boolean;
}

/** Looks at the invariants; at the end at all of them. */
export async function judge(evidence: Evidence, moment: Invariant["holds"]): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  for (const { name, holds, atMost, measure } of INVARIANTS) {
    if (moment === "always" && holds !== "always") continue;
    const measured = await measure(evidence);
    // A figure that is no number holds nothing.
    judgements.push({ name, atMost, ...measured, isBroken: !(measured.value <= atMost) });
  }
  return judgements;
}
