/** Storms: what travels as one error and its number is stored as if each had come by itself. @module */

import assert from "node:assert/strict";
import {
  captureError,
  flushErrors,
  reporterOver,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import { mergeOccurrences } from "../../supabase/functions/_shared/errorInterceptor/mergeOccurrences.ts";
import { type CapturedError, captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

const trace = (number: number) =>
  `00-${String(number).padStart(32, "0")}-${String(number).padStart(16, "0")}-01`;

function storm(): CapturedError[] {
  return Array.from({ length: 60 }, (_, index) =>
    occurrence({
      fingerprint: `v1:${index % 3}`,
      ...(index % 5 === 0 ? { project_id: "shop" } : {}),
      error_message: `failure ${index}`,
      request_id: `request ${index}`,
      context: index % 4 === 0 ? { place: index } : { place: index, traceparent: trace(1 + index % 7) },
      age_ms: 60_000 - index,
      ...(index % 20 === 7
        ? {
          operation: {
            kind: "invoke_function",
            target: "checkout",
            payload: {},
            idempotency_key: `key ${index}`,
            caller_role: "anon",
          },
        }
        : {}),
    }));
}

/** What is stored of a batch, without what differs from run to run. */
async function storedOf(errors: readonly CapturedError[]) {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { queued, rejected, errors: groups } = await captureErrors(contract.rpc, errors);
  return {
    queued,
    rejected,
    answered: groups.map(({ id: _id, ...group }) => group),
    groups: await database.query(
      "select fingerprint, project_id, error_message, context, occurrence_count from detected_errors order by 1, 2",
    ),
    events: await database.query(
      `select fingerprint, project_id, occurrences, message, request_id, details, (select array_agg(distinct t order by t)
         from unnest(array[trace_id] || further_trace_ids) as t where t is not null) as traces
       from healing_events where event_type = 'occurrence' order by 1, 2`,
    ),
    operations: await database.query(
      "select idempotency_key, last_error from queued_operations order by 1",
    ),
  };
}

Deno.test("mergeOccurrences() changes nothing of what capture_errors() stores and answers", async () => {
  // What brings an operation is the last of its group on neither side.
  const errors = storm().toSorted((a, b) =>
    Number(b.operation !== undefined) - Number(a.operation !== undefined)
  );
  const merged = mergeOccurrences(errors).toSorted((a, b) =>
    Number(b.operation !== undefined) - Number(a.operation !== undefined)
  );
  assert.ok(merged.length < 10, `${merged.length} of ${errors.length}`);
  assert.deepEqual(await storedOf(merged), await storedOf(errors));
});

Deno.test("captureError() counts every error of a storm once, whether they are alike or not", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const reporter = () => reporterOver(contract.rpc);
  for (let index = 0; index < 900; index++) {
    const words = index % 3 === 0 ? "the same words" : `order ${index} was not read`;
    captureError(new Error(words), { functionName: "checkout" }, reporter);
  }
  await flushErrors();
  const groups = await database.query(
    "select error_template as template, occurrence_count::int as count from detected_errors order by 1",
  );
  assert.deepEqual(groups, [
    { template: "order <n> was not read", count: 600 },
    { template: "the same words", count: 300 },
  ]);
  const [events] = await database.query(
    "select sum(occurrences)::int as count from healing_events where event_type = 'occurrence'",
  );
  assert.equal(events!.count, 900);
});

Deno.test("capture_errors() stores what is an error among what is none, and says how many were none", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const odd = [null, 7, "text", [], [occurrence()], {}, { fingerprint: "x" }] as unknown as CapturedError[];
  const strange = {
    ...occurrence({ fingerprint: "v1:strange" }),
    category: "weather",
    severity: 3,
    occurrences: "many",
    slots: "none",
    age_ms: "long",
    further_traceparents: [1, "no trace", trace(5)],
    context: null,
  } as unknown as CapturedError;
  const { errors, rejected } = await captureErrors(contract.rpc, [...odd, strange, ...odd, occurrence()]);
  assert.equal(rejected, 2 * odd.length);
  assert.deepEqual(errors.map(({ fingerprint }) => fingerprint), ["v1:a", "v1:strange"]);
  const [stored] = await database.query(
    "select category, severity, slots, occurrence_count::int as count from detected_errors where fingerprint = 'v1:strange'",
  );
  assert.deepEqual(stored, { category: "unknown", severity: "medium", slots: [], count: 1 });
});

Deno.test("capture_errors() never reads the table of groups from end to end, also for errors that are new", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const scans = await contract.connection.transaction(async (tx) => {
    for (const name of ["a", "a", "b"]) {
      const errors = [occurrence({ fingerprint: `v1:${name}`, context: { traceparent: trace(1) } })];
      await tx.query("select capture_errors($1)", [JSON.stringify(errors)]);
    }
    const [row] = await tx.query(
      "select pg_stat_get_xact_numscans('public.detected_errors'::regclass)::int as count",
    );
    return row!.count;
  });
  assert.equal(scans, 0);
});
