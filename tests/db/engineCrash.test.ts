import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence } from "../helpers/contract.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared, TRANSIENT } from "../helpers/engine.ts";
import { waitFor } from "../helpers/waiting.ts";

const HANGING_ENGINE = new URL("../helpers/hangingEngine.ts", import.meta.url).pathname;

function startHangingEngine(url: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", HANGING_ENGINE, url],
    stdout: "null",
    stderr: "null",
  })
    .spawn();
}

for (
  const { when, error, status } of [
    { when: "while it makes an operation again", error: TRANSIENT, status: "applying" },
    { when: "between the fix and its proof", error: MISSING_FUNCTION, status: "validating" },
  ]
) {
  Deno.test(`an engine killed ${when} leaves its work to the next one, and nothing is done twice`, async () => {
    const [database, contract] = await prepared();
    await using _database = database;
    await using _contract = contract;
    await captureErrors(contract.rpc, [occurrence({ ...error, operation: operation("order-1") })]);
    const victim = startHangingEngine(database.url);
    await waitFor(
      "the engine to hang",
      async () =>
        (await database.query("select from auto_fixes where status = $1", [status])).length === 1 &&
        (await database.query("select from queued_operations where status = 'running'")).length === 1,
    );
    victim.kill("SIGKILL");
    await victim.status;

    const made: string[] = [];
    await using next = engineOf(database, contract, (queued) => {
      made.push(queued.idempotency_key);
      return Promise.resolve({ status: 200, body: "" });
    });
    await database.query("update queued_operations set lease_expires_at = now() where status = 'running'");
    await waitFor("the fix to be kept", async () => {
      await next.detectAndHeal();
      return (await database.query("select from auto_fixes where status = 'kept'")).length === 1;
    });
    assert.deepEqual(made, ["order-1"]);
    assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "done" }]);
    assert.deepEqual(await database.query("select status from detected_errors"), [{ status: "healed" }]);
  });
}
