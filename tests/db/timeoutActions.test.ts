import assert from "node:assert/strict";
import { withTimeout } from "../../supabase/functions/_shared/timeout.ts";
import { projectTimeoutActions } from "../../supabase/functions/_shared/timeoutActions.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { waitFor } from "../helpers/waiting.ts";
import { callerOf } from "../helpers/writers.ts";

Deno.test("work that takes too long is stopped, said on the project's channel, remembered, and told to people when it is frequent", async () => {
  await using database = await createTestDatabase();
  const done: string[] = [];
  const actions = projectTimeoutActions({
    db: callerOf(database, "service_role"),
    functionName: "generate",
    projectId: "shop-7",
    requestId: "r-1",
    cancel: () => void done.push("cancel"),
    cleanUp: () => void done.push("cleanUp"),
  });
  const events = () =>
    database.query<{ details: Record<string, unknown> }>(
      "select details, request_id, project_id from healing_events where event_type = 'timeout'",
    );
  let stopped = 0;
  for (let call = 1; call <= 10; call++) {
    const work = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener("abort", () => stopped++));
    await assert.rejects(withTimeout(work, 2, { operation: "generate-plan", actions }), { code: "TIMEOUT" });
    await waitFor("what follows", async () => (await events()).length === call);
  }
  assert.equal(stopped, 10);
  assert.deepEqual(done.slice(0, 2), ["cancel", "cleanUp"]);
  const messages = await database.query<
    { topic: string; event: string; payload: { status: string; message: string } }
  >(
    "select topic, event, payload from realtime.messages where topic = 'ai-status-shop-7'",
  );
  assert.equal(messages.length, 10);
  assert.deepEqual([messages[0]!.event, messages[0]!.payload.status], ["generation:timeout", "error"]);
  await waitFor(
    "the alert",
    async () =>
      (await database.query("select from notifications where dedupe_key = 'timeout:generate-plan'"))
        .length === 1,
  );
});

Deno.test("broadcast_project_event() refuses names that are none, and is the service role's alone", async () => {
  await using database = await createTestDatabase();
  for (
    const [project, event] of [["", "x"], ["a b", "x"], ["p", ""], ["p", "X; drop"], ["x".repeat(201), "x"]]
  ) {
    await assert.rejects(
      database.rpc("broadcast_project_event", { p_project_id: project!, p_event: event! }, "service_role"),
      /plain names/,
    );
  }
  for (const role of ["anon", "authenticated"] as const) {
    await assert.rejects(
      database.rpc("broadcast_project_event", { p_project_id: "p", p_event: "x" }, role),
      /permission denied/,
    );
  }
});
