/** Deployments by Vercel: each ends in the one state that is true, whatever Vercel answers. */

import assert from "node:assert/strict";
import type { StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import {
  answersInstead,
  type Behaviour,
  breaksOff,
  hangs,
  losesAnswer,
  takesAndAnswers,
  VercelServer,
} from "../helpers/deployServers.ts";
import { CREATE, LIMITED, prepared } from "../helpers/vercelWorld.ts";

interface Case {
  name: string;
  /** What happens to requests, by their start. */
  meets: [string, Behaviour, number?][];
  outcome?: VercelServer["outcome"];
  ends: StoredDeployment["status"];
  /** Deployments that Vercel has of ours. */
  made: number;
}

const CASES: Case[] = [
  { name: "builds and is ready", meets: [], ends: "ready", made: 1 },
  { name: "fails to build", meets: [], outcome: "ERROR", ends: "failed", made: 1 },
  { name: "is blocked", meets: [], outcome: "BLOCKED", ends: "blocked", made: 1 },
  { name: "is cancelled at Vercel", meets: [], outcome: "CANCELED", ends: "cancelled", made: 1 },
  {
    name: "is refused with 400",
    meets: [[CREATE, answersInstead(400, { error: { code: "bad_request" } })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "is refused with 402",
    meets: [[CREATE, answersInstead(402, { error: { code: "payment" } })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "is refused with 403",
    meets: [[CREATE, answersInstead(403, { error: { code: "forbidden" } })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "is refused with 409",
    meets: [[CREATE, answersInstead(409, { error: { code: "conflict" } })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "is refused with 422",
    meets: [[CREATE, answersInstead(422, { error: { code: "unprocessable" } })]],
    ends: "failed",
    made: 0,
  },
  {
    name: "meets 429 and is sent again",
    meets: [[CREATE, answersInstead(429, LIMITED, { "retry-after": "7" }), 2]],
    ends: "ready",
    made: 1,
  },
  {
    name: "meets 429 for ever",
    meets: [[CREATE, answersInstead(429, LIMITED), 1_000]],
    ends: "failed",
    made: 0,
  },
  {
    name: "was taken, and answered with 500",
    meets: [[CREATE, takesAndAnswers(500, { error: { code: "internal" } })]],
    ends: "ready",
    made: 1,
  },
  { name: "was taken, and its answer was lost", meets: [[CREATE, losesAnswer()]], ends: "ready", made: 1 },
  { name: "was taken, and never answered", meets: [[CREATE, hangs()]], ends: "ready", made: 1 },
  { name: "was not taken, as the connection broke", meets: [[CREATE, breaksOff()]], ends: "ready", made: 1 },
  {
    name: "was not taken, and answered with 503",
    meets: [[CREATE, answersInstead(503, "unavailable")]],
    ends: "ready",
    made: 1,
  },
  {
    name: "was taken with an answer that says nothing",
    meets: [[CREATE, takesAndAnswers(200, {})]],
    ends: "ready",
    made: 1,
  },
  {
    name: "cannot be looked at for a while",
    meets: [["GET /v13/deployments/", answersInstead(500, "no"), 3]],
    ends: "ready",
    made: 1,
  },
  {
    name: "cannot be looked at for the limit",
    meets: [["GET /v13/deployments/", answersInstead(429, LIMITED), 3]],
    ends: "ready",
    made: 1,
  },
  {
    name: "was taken, its answer was lost, and the list cannot be read for a while",
    meets: [[CREATE, losesAnswer()], ["GET /v6/deployments", answersInstead(502, "no"), 5]],
    ends: "ready",
    made: 1,
  },
  {
    name: "cannot read its project for a while",
    meets: [["GET /v9/projects/", breaksOff(), 2]],
    ends: "ready",
    made: 1,
  },
];

for (const { name, meets, outcome = "READY", ends, made } of CASES) {
  Deno.test(`carryOutDeployments() at Vercel: a deployment that ${name} ends as ${ends}, with ${made} made`, async () => {
    const [world, server] = await prepared();
    await using _world = world;
    await using _server = server;
    server.outcome = outcome;
    for (const [start, behaviour, times] of meets) server.once(start, behaviour, times);
    const { id } = await world.ask();
    const ended = await world.finish(id);
    assert.equal(ended.status, ends, ended.status_reason);
    assert.equal(server.deployments.length - 1, made);
    // Nothing moves it any more.
    await world.pass(10_000);
    assert.deepEqual(await world.work(), {});
    const { events } = (await world.database.query<{ events: number }>(
      `select count(*)::int as events from healing_events where event_type in
        ('deployment_ready', 'deployment_failed', 'deployment_cancelled', 'deployment_blocked')`,
    ))[0]!;
    assert.equal(events, 1);
  });
}

Deno.test("carryOutDeployments() at Vercel waits as long as a 429 asks, and no longer than an hour", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  server.once(CREATE, answersInstead(429, LIMITED, { "retry-after": "90" }));
  server.once(CREATE, answersInstead(429, LIMITED, { "retry-after": "999999" }));
  const { id } = await world.ask();
  for (const [from, to] of [[80, 90], [3_590, 3_600]] as const) {
    await world.work();
    const [row] = await world.database.query<{ wait: number; status: string }>(
      "select extract(epoch from next_check_at - clock_timestamp())::float as wait, status from deployment_logs where id = $1",
      [id],
    );
    assert.equal(row!.status, "deploying");
    assert.ok(row!.wait > from && row!.wait <= to, `${row!.wait}`);
    await world.pass(4_000);
  }
  assert.equal((await world.finish(id)).status, "ready");
  assert.equal(server.deployments.length, 2);
});

Deno.test("carryOutDeployments() at Vercel does not take a state that nobody knows for success", async () => {
  const [world, server] = await prepared();
  await using _world = world;
  await using _server = server;
  server.outcome = "STRANGE";
  const { id } = await world.ask();
  const { status, status_reason } = await world.finish(id);
  assert.equal(status, "building");
  assert.match(status_reason, /STRANGE/);
  server.deployments.at(-1)!.readyState = "READY";
  assert.equal((await world.finish(id)).status, "ready");
});
