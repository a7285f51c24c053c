import assert from "node:assert/strict";
import {
  findAiReply,
  reserveAiCall,
  type RpcPort,
  settleAiCall,
  storeAiReply,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { connections, limits, reservation, settlement } from "../helpers/aiLedger.ts";
import { createTestDatabase } from "../helpers/database.ts";

const ADMIN = { sub: "a0000000-0000-4000-8000-000000000001", app_metadata: { role: "admin" } };

Deno.test("settle_ai_call() keeps texts only while a person wants it, and forgets old calls", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const texts = { prompt: "user: hello", reply: "hi" };
  const stored = async () => {
    const call = reservation();
    await reserveAiCall(rpc, call);
    await settleAiCall(rpc, settlement(call, { texts }));
    return (await database.query("select texts from healing_private.ai_calls where id = $1", [call.id]))[0]!
      .texts;
  };
  assert.equal(await stored(), null);
  await setSetting(rpc, "ai_record_texts", true);
  assert.deepEqual(await stored(), texts);
  await database.query("update healing_private.ai_calls set created_at = created_at - interval '31 days'");
  await stored();
  assert.equal((await database.query("select id from healing_private.ai_calls")).length, 1);
});

Deno.test("ai_costs tells an admin what AI cost today and on what, and nobody else", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await limits(rpc, 100_000, 10);
  for (
    const [purpose, outcome] of [["plan", "answered"], ["plan", "failed"], ["analysis", "refused"]] as const
  ) {
    const call = reservation({ purpose });
    await reserveAiCall(rpc, call);
    await settleAiCall(rpc, settlement(call, { outcome, prompt_tokens: 100, completion_tokens: 10 }));
  }
  const lost = reservation({ purpose: "plan" });
  await reserveAiCall(rpc, lost);
  await database.query(
    "update healing_private.ai_calls set created_at = created_at - interval '16 minutes' where id = $1",
    [lost.id],
  );
  const ask =
    `select purpose, calls::int, answered::int, failed::int, refused::int, lost::int, usd::text, estimated_usd::text
    from ai_costs where day = (now() at time zone 'UTC')::date order by purpose`;
  const seen = (role: "authenticated" | "service_role", claims: Record<string, unknown>) =>
    database.asRole(role, claims, (session) => session.query(ask));
  const rows = await seen("authenticated", ADMIN);
  assert.deepEqual(
    rows.map(({ usd, estimated_usd, ...rest }) => ({
      ...rest,
      usd: Number(usd),
      estimated: Number(estimated_usd),
    })),
    [
      {
        purpose: "analysis",
        calls: 1,
        answered: 0,
        failed: 0,
        refused: 1,
        lost: 0,
        usd: 0.000021,
        estimated: 0,
      },
      {
        purpose: "plan",
        calls: 3,
        answered: 1,
        failed: 1,
        refused: 0,
        lost: 1,
        usd: 0.000372,
        estimated: 0.00033,
      },
    ],
  );
  assert.deepEqual(await seen("authenticated", { sub: "b", user_metadata: { role: "admin" } }), []);
  assert.equal((await seen("service_role", {})).length, 2);
  await assert.rejects(database.asRole("anon", {}, (session) => session.query(ask)), { code: "42501" });
  await assert.rejects(database.rpc("reserve_ai_call", { p_call: reservation() }, "authenticated"), {
    code: "42501",
  });
  assert.equal(await database.rpc("get_ai_budget", {}, "authenticated"), null);
});

Deno.test("find_ai_reply() gives a reply to its subject alone, until it expires", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const about = { purpose: "a test", function_name: "" };
  const key = { fingerprint: "f", subject_hash: "ada" };
  assert.equal(await storeAiReply(rpc, { ...key, model: "m", reply: "for Ada", ttl_seconds: 60 }), true);
  assert.deepEqual(await findAiReply(rpc, { ...key, ...about }), { model: "m", reply: "for Ada" });
  for (const other of ["", "bob", "ADA", "ada "]) {
    assert.equal(await findAiReply(rpc, { ...key, subject_hash: other, ...about }), null);
  }
  assert.equal(await findAiReply(rpc, { ...key, fingerprint: "g", ...about }), null);
  await database.query("update healing_private.ai_replies set expires_at = now()");
  assert.equal(await findAiReply(rpc, { ...key, ...about }), null);
  assert.deepEqual(
    await database.asRole("service_role", {}, (session) =>
      session.query(
        "select from pg_class where oid = 'healing_private.ai_replies'::regclass and relrowsecurity",
      )),
    [{}],
  );
  await assert.rejects(
    database.asRole(
      "authenticated",
      ADMIN,
      (session) => session.query("select from healing_private.ai_replies"),
    ),
    { code: "42501" },
  );
});

Deno.test("store_ai_reply() keeps no more than the setting says, whoever stores at once", async () => {
  await using database = await createTestDatabase();
  await using fleet = await connections(database, 10);
  await setSetting(fleet.rpcs[0]!, "ai_cached_replies", 20);
  const store = (rpc: RpcPort, index: number) =>
    storeAiReply(rpc, {
      fingerprint: `f${index}`,
      subject_hash: "",
      model: "m",
      reply: "r",
      ttl_seconds: 60 + index,
    });
  for (let round = 0; round < 10; round++) {
    await Promise.all(fleet.rpcs.map((rpc, caller) => store(rpc, round * 10 + caller)));
  }
  await store(fleet.rpcs[0]!, 1_000);
  const [row] = await database.query("select count(*)::int as n from healing_private.ai_replies");
  assert.equal(row!.n, 20);
  const huge = {
    fingerprint: "h",
    subject_hash: "",
    model: "m",
    reply: "x".repeat(300_000),
    ttl_seconds: 60,
  };
  assert.equal(await storeAiReply(fleet.rpcs[0]!, huge), false);
  await setSetting(fleet.rpcs[0]!, "ai_cached_replies", 0);
  assert.equal(await store(fleet.rpcs[0]!, 1), false);
});
