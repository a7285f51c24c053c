import assert from "node:assert/strict";
import {
  createHealingEvent,
  createHealingEvents,
  getHealingEvents,
  getHealingPattern,
  getHealingStats,
  type InsertHealingEvent,
  recordRequestHeals,
  upsertHealingPattern,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

Deno.test("createHealingEvent() stores an event that getHealingEvents() finds by each filter", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const event: InsertHealingEvent = {
    event_type: "note",
    category: "ai",
    severity: "high",
    result: "success",
    message: "a model answered",
    function_name: "chat",
    project_id: "shop",
    duration_ms: 12.5,
    details: { tokens: 3 },
  };
  const id = await createHealingEvent(contract.rpc, event);
  await createHealingEvent(contract.rpc, { event_type: "other" });
  const filters = [
    { event_type: "note" },
    { category: "ai" as const },
    { severity: "high" as const },
    { result: "success" as const },
    { function_name: "chat" },
    { project_id: "shop" },
  ];
  for (const filter of filters) {
    const { events } = await getHealingEvents(contract.rpc, filter);
    assert.deepEqual(events.map((found) => found.id), [id], JSON.stringify(filter));
  }
  const { events: [stored] } = await getHealingEvents(contract.rpc, { event_type: "note" });
  assert.deepEqual({ ...stored, ...event }, stored);
});

Deno.test("getHealingEvents() pages through everything once, newest first", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  for (let page = 0; page < 3; page++) {
    await createHealingEvents(
      contract.rpc,
      Array.from({ length: 10 }, (_, index) => ({ event_type: `e${page}-${index}` })),
    );
  }
  const seen: string[] = [];
  let hasMore = true;
  for (let offset = 0; hasMore; offset += 7) {
    const { events, has_more } = await getHealingEvents(contract.rpc, { limit: 7, offset });
    seen.push(...events.map((event) => event.id));
    hasMore = has_more;
  }
  assert.equal(seen.length, 30);
  assert.equal(new Set(seen).size, 30);
  const { events: [newest] } = await getHealingEvents(contract.rpc, { limit: 1 });
  assert.match(newest!.event_type, /^e2-/);
});

Deno.test("create_healing_events() refuses what is no list, is too long, or names unknown enums, with a code", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const send = (events: unknown) => contract.rpc.call("create_healing_events", { p_events: events });
  await assert.rejects(send({}), { code: "BAD_REQUEST" });
  await assert.rejects(send(Array(1001).fill({ event_type: "x" })), { code: "BAD_REQUEST" });
  await assert.rejects(send([{ event_type: "x", severity: "awful" }]), { code: "DATABASE_ERROR" });
  assert.deepEqual((await getHealingEvents(contract.rpc)).events, []);
});

Deno.test("healing_events puts each day into its own partition, and rows of other days into the default", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "insert into healing_events (event_type, created_at) values ('today', now()), ('long ago', '2001-01-01')",
  );
  const rows = await database.query(
    "select event_type, tableoid::regclass::text as place from healing_events order by created_at",
  );
  assert.equal(rows[0]!.place, "healing_private.healing_events_default");
  assert.match(String(rows[1]!.place), /^healing_private\.healing_events_\d{8}$/);
});

Deno.test("recordRequestHeals() adds an event and evidence, once for one unit of work", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { pattern } = proposal({ id: "", claim_number: 0 });
  const heal = {
    message: "renamed",
    result: "success" as const,
    strategy: "rename_column",
    pattern,
    unit: "request:1",
  };
  assert.equal(await recordRequestHeals(contract.rpc, [heal]), 1);
  await recordRequestHeals(contract.rpc, [heal]);
  const [stored] = await getHealingPattern(contract.rpc, pattern.error_signature);
  assert.equal(stored!.success_count, 1);
  assert.equal((await getHealingStats(contract.rpc)).healed_in_request, 2);
});

Deno.test("upsertHealingPattern() finds the stored pattern again and never sets evidence", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { pattern } = proposal({ id: "", claim_number: 0 });
  const forged = { ...pattern, confidence_score: 1, auto_fixable: true, success_count: 99 };
  const first = await upsertHealingPattern(contract.rpc, forged);
  assert.deepEqual([first.confidence_score, first.auto_fixable, first.success_count], [0.5, false, 0]);
  assert.equal((await upsertHealingPattern(contract.rpc, pattern)).id, first.id);
  const broken = { ...pattern, fix_strategy: {} as never };
  await assert.rejects(upsertHealingPattern(contract.rpc, broken), { code: "BAD_REQUEST" });
});
