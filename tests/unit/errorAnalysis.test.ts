import assert from "node:assert/strict";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { PlainHttpServer } from "../helpers/plainHttpServer.ts";

/** What the real client of edge functions throws for this answer. */
async function thrownFor(answer: () => Response): Promise<unknown> {
  await using server = new PlainHttpServer(answer);
  const client = createClient(`http://127.0.0.1:${server.port}`, "sb_publishable_test", {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  return (await client.functions.invoke("chat", { body: {} })).error;
}

Deno.test("analyzeError() reads why a function failed in the answer that nobody has read, and leaves it to be read", async () => {
  const message = "Worker failed to boot (please check logs)";
  const thrown = await thrownFor(() => Response.json({ code: "BOOT_ERROR", message }, { status: 503 }));
  const { captured } = await analyzeError(thrown);
  assert.deepEqual([captured.error_type, captured.error_code], ["boot_error", "BOOT_ERROR"]);
  assert.match(captured.error_message, /non-2xx status code: Worker failed to boot/);
  const { context } = thrown as { context: Response };
  assert.equal((await context.json()).code, "BOOT_ERROR");
});

Deno.test("analyzeError() tells a broken connection to a function from what a browser refuses", async () => {
  const thrown = await thrownFor(() => {
    throw new Error("the connection breaks");
  });
  assert.equal((await analyzeError(thrown)).captured.error_type, "connection_reset");
  const browser = Object.assign(new Error("Failed to send a request to the Edge Function"), {
    name: "FunctionsFetchError",
    context: new TypeError("Failed to fetch"),
  });
  assert.equal((await analyzeError(browser)).captured.error_type, "network_or_cors");
});

Deno.test("analyzeError() takes no code of the database from another function's answer, and no endless one", async () => {
  const said = { code: "3F000", message: 'schema "shop" does not exist' };
  const { captured } = await analyzeError(await thrownFor(() => Response.json(said, { status: 500 })));
  assert.equal(captured.error_code, "");
  const endless = () =>
    new Response(new ReadableStream({ pull: (all) => all.enqueue(new Uint8Array(60_000).fill(97)) }), {
      status: 500,
    });
  const { captured: cut } = await analyzeError(endless());
  assert.equal(cut.error_message, "HTTP 500");
  const silent = new Response(new ReadableStream({}), { status: 503 });
  assert.equal((await analyzeError(silent)).captured.error_type, "service_unavailable");
  const read = Response.json({ message: "told already" }, { status: 500 });
  await read.text();
  assert.equal((await analyzeError(read)).captured.error_message, "HTTP 500");
});
