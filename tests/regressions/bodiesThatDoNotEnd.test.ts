import assert from "node:assert/strict";
import {
  flushErrors,
  type Reporter,
  type SelfHealingOptions,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";

const settings = {
  url: "http://project.test",
  publishableKey: "public-key",
  secretKeys: [],
  machineKeys: [],
  databaseUrl: undefined,
};

function recorder(): { captured: CapturedError[]; options: SelfHealingOptions } {
  const captured: CapturedError[] = [];
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => Promise.resolve({ queued: captured.push(...errors) }),
      healed: () => Promise.resolve(),
    });
  return { captured, options: { functionName: "bodies", replay: true, settings, reporter } };
}

function failAtOnce(): Promise<Response> {
  return Promise.reject(new Error("failed before it read anything"));
}

/** The first line of the answer to a request whose body begins and never ends. */
async function statusOfStalled(options: SelfHealingOptions, framing: string): Promise<string> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    withSelfHealing(failAtOnce, options),
  );
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  const head = `POST / HTTP/1.1\r\nhost: project.test\r\nidempotency-key: key-1\r\n${framing}`;
  await connection.write(new TextEncoder().encode(head));
  const answer = new Uint8Array(1_000);
  const length = await connection.read(answer) ?? 0;
  return new TextDecoder().decode(answer.subarray(0, length)).split("\r\n")[0]!;
}

for (
  const [what, framing] of [
    ["a chunked body", "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    ["a body that is shorter than it says", "content-length: 5000\r\n\r\nhello"],
  ] as const
) {
  Deno.test(`withSelfHealing() answers although ${what} never ends`, async () => {
    const { captured, options } = recorder();
    assert.match(await statusOfStalled(options, framing), /^HTTP\/1\.1 500/);
    await flushErrors();
    assert.deepEqual(captured.map(({ operation }) => operation), [undefined]);
  });
}

Deno.test("withSelfHealing() keeps no copy of a body whose length nobody says", async () => {
  const { captured, options } = recorder();
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ === 40) controller.close();
      else controller.enqueue(new Uint8Array(100_000));
    },
  });
  const headers = { "idempotency-key": "key-1" };
  const request = new Request("http://project.test/", { method: "POST", body, headers });
  const response = await withSelfHealing(failAtOnce, options)(request);
  assert.equal(response.status, 500);
  await flushErrors();
  assert.equal(captured.length, 1);
  assert.ok(pulled <= 1, `${pulled} pieces were read for nobody`);
});
