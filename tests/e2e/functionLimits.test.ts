import assert from "node:assert/strict";
import { FIXTURE_FUNCTIONS, isAlive, openStack } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";
import { FunctionHost } from "../../scripts/stack/functionHost.ts";

async function codeOf(answer: Response): Promise<[number, string]> {
  return [answer.status, (await answer.json()).code];
}

Deno.test("a function that runs longer than its wall clock is ended with 546 WORKER_LIMIT", async () => {
  await using stack = await openStack({ limits: { wallClockMs: 700 } });
  assert.deepEqual(await codeOf(await stack.call("hungry?what=time")), [546, "WORKER_LIMIT"]);
  assert.equal(await (await stack.call("hungry")).text(), "well fed");
});

Deno.test("a function that does not answer in time is 504 IDLE_TIMEOUT, and lives on", async () => {
  await using stack = await openStack({ limits: { requestIdleMs: 150 } });
  assert.deepEqual(await codeOf(await stack.call("hungry?what=never")), [504, "IDLE_TIMEOUT"]);
  assert.equal(await (await stack.call("hungry")).text(), "well fed");
});

Deno.test("a function that opens nothing is 503 BOOT_ERROR after the boot limit", async () => {
  await using stack = await openStack({ limits: { bootMs: 500 } });
  assert.deepEqual(await codeOf(await stack.call("silent")), [503, "BOOT_ERROR"]);
  await stack.logged(/^\[silent\] did not listen within 500 ms$/);
});

Deno.test("a retired function takes no new calls, finishes its background work, and is told why it ends", async () => {
  // A tenth of it lies between the warning and the end, in which the work has to be done.
  await using stack = await openStack({ limits: { wallClockMs: 8_000 } });
  assert.equal((await stack.call("background")).status, 202);
  // Its work waits for a sign, so the half of its time passes, and the warning is that sign.
  await stack.logged(/^\[background\] beforeunload wall_clock$/);
  await stack.logged(/^\[background\] work done$/);
  await stack.logged(/^\[background\] beforeunload early_drop$/);
  assert.equal((await stack.call("background?release")).status, 202);
});

Deno.test("a retired function ends while its successor answers", async () => {
  await using stack = await openStack({ limits: { wallClockMs: 1_500 } });
  const first = await (await stack.call("crash")).text();
  let second = first;
  await waitFor("a successor", async () => (second = await (await stack.call("crash")).text()) !== first);
  await waitFor("the end of the first", async () => !await isAlive(Number(first)));
  assert.equal(await isAlive(Number(second)), true);
});

Deno.test("Stack.stop() lets background work finish, tells functions, and leaves no process", async () => {
  const stack = await openStack();
  const pid = Number(await (await stack.call("crash")).text());
  assert.equal((await stack.call("background")).status, 202);
  await stack.stack.stop();
  await stack.logged(/^\[background\] beforeunload termination$/);
  await stack.logged(/^\[background\] work done$/);
  await waitFor("the end of the process", async () => !await isAlive(pid));
});

Deno.test("Stack.stop() ends functions that will not end", async () => {
  const stack = await openStack({ limits: { drainMs: 300 } });
  const answer = stack.call("hungry?what=time").then(codeOf, () => [0, "cut"]);
  await stack.logged(/^\[hungry\] loops for ever$/);
  await stack.stack.stop();
  assert.notEqual((await answer)[0], 200);
});

Deno.test("Stack.stop() does not wait for a function that is still starting", async () => {
  const stack = await openStack();
  const answer = stack.call("silent").then(codeOf);
  await stack.logged(/^\[silent\] opens nothing$/);
  await stack.stack.stop();
  assert.deepEqual(await answer, [503, "BOOT_ERROR"]);
});

Deno.test("FunctionHost refuses two functions of one name and a folder that is not there", async () => {
  await assert.rejects(FunctionHost.create({ roots: [FIXTURE_FUNCTIONS, FIXTURE_FUNCTIONS], env: {} }), {
    code: "CONFLICT",
  });
  await assert.rejects(FunctionHost.create({ roots: ["/nowhere/at/all"], env: {} }), { code: "NOT_FOUND" });
});
