/** A project with a history: groups, occurrences over a month, fixes and runs, as many as wished. @module */

import { runSql } from "../../lib/scratchServer.ts";

/** Occurrences of one group, on average. */
const OCCURRENCES_A_GROUP = 100;

/** Stores so many occurrences with what belongs to them; the figures of the planner are then true. */
export async function fillHistory(url: string, occurrences: number): Promise<void> {
  const groups = Math.max(10, occurrences / OCCURRENCES_A_GROUP);
  for (
    const sql of [
      "select healing_private.ensure_event_partition((now() at time zone 'UTC')::date - day) from generate_series(0, 30) as day",
      `insert into public.detected_errors (fingerprint, error_signature, error_template, error_type, error_message, status, resolution,
         function_name, occurrence_count, first_seen_at, last_seen_at, resolved_at)
       select 'v2:scale' || n, 'signature ' || n % 500, 'template ' || n, 'type ' || n % 50, 'failure number ' || n,
         case when n % 10 = 0 then 'escalated' else 'healed' end, 'the end', 'function ' || n % 40, ${OCCURRENCES_A_GROUP},
         now() - interval '30 days', now() - n * interval '30 days' / ${groups}, now()
       from generate_series(1, ${groups}) as n`,
      `insert into public.healing_events (created_at, event_type, category, result, message, function_name, fingerprint, detected_error_id)
       select now() - o * interval '30 days' / ${occurrences}, 'occurrence', 'database', 'failure', e.error_message, e.function_name,
         e.fingerprint, e.id
       from generate_series(1, ${occurrences}) as o
       join (select *, row_number() over () as n from public.detected_errors) as e on e.n = 1 + o % ${groups}`,
      `insert into public.auto_fixes (detected_error_id, action_kind, action_group, action, target, tier, confidence, risk, status, reason,
         what_will_happen, verdict, created_at, applying_at, applied_at, finished_at, rollback_point, probe)
       select id, 'create_extension', 'database', '{"kind": "create_extension"}', 'target ' || fingerprint, 'deterministic', 0.9, 'low', 'kept',
         'r', 'w', '{"reason": "r"}', last_seen_at, last_seen_at, last_seen_at, last_seen_at, '{}', '{}' from public.detected_errors`,
      `insert into public.healing_runs (function_name, status, dispatched_at, started_at, finished_at, deadline_at)
       select 'health-check', 'finished', at, at, at, at from (select now() - n * interval '2 minutes' as at
         from generate_series(1, ${Math.min(21_600, groups)}) as n) as t`,
      "vacuum analyze",
    ]
  ) {
    await runSql(url, sql);
  }
}
