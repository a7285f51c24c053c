import assert from "node:assert/strict";
import { type Reporter, withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";

const reporter = () =>
  Promise.resolve<Reporter>({
    capture: () => Promise.resolve({ queued: 0 }),
    healed: () => Promise.resolve(),
  });
const options = { functionName: "served", reporter };

async function ask(handler: Deno.ServeHandler, path = "/"): Promise<Response> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const answer = await fetch(`http://127.0.0.1:${server.addr.port}${path}`);
  return new Response(await answer.text(), answer);
}

Deno.test("withSelfHealing() makes a handler to which Deno.serve gives the request", async () => {
  const handler = withSelfHealing((request: Request) => new Response(new URL(request.url).pathname), options);
  assert.equal(await (await ask(handler, "/asked")).text(), "/asked");
});

Deno.test("withSelfHealing() makes a handler to which Deno.serve gives the caller's address", async () => {
  const handler = withSelfHealing(
    (_request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => new Response(info.remoteAddr.hostname),
    options,
  );
  const answer = await ask(handler as Deno.ServeHandler);
  assert.equal(await answer.text(), "127.0.0.1");
});

Deno.test("withSelfHealing() answers for a handler that looks at no request, and fails", async () => {
  const answer = await ask(withSelfHealing((): Response => {
    throw new Error("down");
  }, options));
  assert.equal(answer.status, 500);
  assert.equal((await answer.json()).code, "INTERNAL");
});
