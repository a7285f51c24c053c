/** What the wrapper costs a request or a call while nothing is wrong, against the bare function. @module */

import { withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";

const answer = new Response("ok");

async function handler(request: Request): Promise<Response> {
  await request.method;
  return answer;
}

async function priceOf(item: string): Promise<number> {
  await item;
  return item.length;
}

const wrapped = withSelfHealing(handler, { functionName: "bench" });
const replayed = withSelfHealing(handler, { functionName: "bench", replay: true });
const price = withSelfHealing(priceOf, { functionName: "bench", effect: "read" });
const get = new Request("http://localhost/");
const post = new Request("http://localhost/", { method: "POST", body: "{}" });

Deno.bench({
  name: "bare handler, GET",
  group: "GET",
  baseline: true,
  fn: async () => void await handler(get),
});
Deno.bench({ name: "withSelfHealing, GET", group: "GET", fn: async () => void await wrapped(get) });

Deno.bench({
  name: "bare handler, POST",
  group: "POST",
  baseline: true,
  fn: async () => void await handler(post),
});
Deno.bench({ name: "withSelfHealing, POST", group: "POST", fn: async () => void await wrapped(post) });

/** A replayable request keeps a copy of its body, so each call needs a request of its own. */
function newPost(): Request {
  return new Request("http://localhost/", {
    method: "POST",
    body: "{}",
    headers: { "idempotency-key": "k", "content-length": "2" },
  });
}

Deno.bench({
  name: "bare handler, new POST with a key",
  group: "POST with replay",
  baseline: true,
  fn: async () => void await handler(newPost()),
});
Deno.bench({
  name: "withSelfHealing, replay",
  group: "POST with replay",
  fn: async () => void await replayed(newPost()),
});

Deno.bench({
  name: "bare function",
  group: "function",
  baseline: true,
  fn: async () => void await priceOf("item"),
});
Deno.bench({
  name: "withSelfHealing, function",
  group: "function",
  fn: async () => void await price("item"),
});
