/** The hours of the overview: the same whether they were counted or not, and counted once. */

import assert from "node:assert/strict";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { readAsAdmin } from "../helpers/dashboardRows.ts";

interface Hour {
  at: string;
  errors: number;
  healed: number;
}

async function hoursOf(database: TestDatabase): Promise<Hour[]> {
  const { hours } = await readAsAdmin<{ hours: Hour[] }>(database, "get_dashboard_overview()");
  return hours;
}

/** A day and more: an occurrence that counts for three in every quarter, a heal in every hour, and what counts for nothing. */
async function liveADay(database: TestDatabase): Promise<void> {
  await database.query(
    `insert into healing_events (created_at, event_type, result, occurrences)
     select now() - n * interval '15 minutes', kind, result, 3
     from generate_series(0, 120) as n,
       (values ('occurrence', 'failure'), ('healed_in_request', 'success'), ('healed_in_request', 'failure'), ('verdict', 'success'))
         as kinds (kind, result)
     where kind <> 'healed_in_request' or n % 4 = 0`,
  );
}

async function count(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ hours: number }>(
    "select healing_private.count_event_hours() as hours",
  );
  return row!.hours;
}

Deno.test("the overview's hours are the same before and after they are counted", async () => {
  await using database = await createTestDatabase();
  await liveADay(database);
  const before = await hoursOf(database);
  assert.equal(before.length, 24);
  // The hour that has begun is as full as it is late; every other one has its four quarters.
  assert.ok(before.slice(0, -1).every(({ errors, healed }) => errors === 12 && healed === 1));
  assert.ok([23, 24].includes(await count(database)));
  assert.deepEqual(await hoursOf(database), before);
  assert.equal(await count(database), 0, "an hour is counted once");
});

Deno.test("hours that are counted are not read from their events again, and those of after are", async () => {
  await using database = await createTestDatabase();
  await liveADay(database);
  await count(database);
  await database.query("delete from healing_events where created_at < now() - interval '3 hours'");
  const [first] = await hoursOf(database);
  assert.deepEqual([first!.errors, first!.healed], [12, 1]);
  // Away for some hours, as pg_cron may be: what it did not count is read from the events, and counted later.
  await database.query("delete from healing_private.event_hours where hour > now() - interval '3 hours'");
  const late = await hoursOf(database);
  assert.deepEqual(late.at(-2), { ...late.at(-2)!, errors: 12, healed: 1 });
  assert.ok(await count(database) >= 1);
  assert.deepEqual(await hoursOf(database), late);
});

Deno.test("count_event_hours() keeps two days and fills a gap of any length with a day", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `insert into healing_private.event_hours (hour, errors, healed)
     values (date_trunc('hour', now()) - interval '30 days', 7, 7)`,
  );
  assert.equal(await count(database), 24);
  const [row] = await database.query<{ hours: number; errors: string }>(
    "select count(*)::int as hours, sum(errors) as errors from healing_private.event_hours",
  );
  assert.deepEqual(row, { hours: 24, errors: "0" });
});
