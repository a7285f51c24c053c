/** The dashboard behind the gateway: its files and nothing else, with the address that was asked for. */

import assert from "node:assert/strict";
import { serveDashboard } from "../../scripts/stack/dashboardDoor.ts";
import { pathParts } from "../../scripts/stack/http.ts";

async function builtFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/dist/assets`, { recursive: true });
  await Deno.writeTextFile(`${folder}/dist/index.html`, "<title>Healing</title>");
  await Deno.writeTextFile(`${folder}/dist/assets/index-a1.js`, "export {}");
  await Deno.writeTextFile(`${folder}/dist/.built-from`, "a hash");
  await Deno.writeTextFile(`${folder}/secret.txt`, "nobody's business");
  return `${folder}/dist`;
}

/** Asks as the gateway does: with the decoded parts of the path. */
function ask(
  folder: string | undefined,
  path: string,
  { method = "GET", problem, origin = "http://127.0.0.1:54321" }: {
    method?: string;
    problem?: string;
    origin?: string;
  } = {},
): Promise<Response> {
  const request = new Request(`${origin}/dashboard${path}`, { method });
  const parts = pathParts(new URL(request.url).pathname)!.slice(1).join("/");
  const options = { folder: () => folder, problem: () => problem, publishableKey: "sb_publishable_x" };
  return serveDashboard(request, parts, options);
}

Deno.test("serveDashboard() gives the page fresh, hashed files for good, and lets nobody frame them", async () => {
  const folder = await builtFolder();
  const page = await ask(folder, "/");
  assert.equal(await page.text(), "<title>Healing</title>");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.equal(page.headers.get("content-security-policy"), "frame-ancestors 'none'");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  const script = await ask(folder, "/assets/index-a1.js");
  assert.match(script.headers.get("content-type")!, /javascript/);
  assert.match(script.headers.get("cache-control")!, /immutable/);
  await script.body?.cancel();
  const bare = await ask(folder, "");
  assert.equal(bare.headers.get("location"), "http://127.0.0.1:54321/dashboard/");
});

Deno.test("serveDashboard() gives nothing outside of what was built", async () => {
  const folder = await builtFolder();
  const paths = [
    "/..%2fsecret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/.built-from",
    "/assets/",
    "/assets",
    "/missing.js",
    "/%00",
    "//etc/passwd",
    "/assets%5c..%5c..%5csecret.txt",
  ];
  for (const path of paths) {
    const answer = await ask(folder, path);
    const text = await answer.text();
    assert.ok(answer.status === 404, `${path}: ${answer.status}`);
    assert.doesNotMatch(text, /business|hash/);
  }
  assert.equal((await ask(folder, "/", { method: "POST" })).status, 405);
});

Deno.test("serveDashboard() tells the dashboard its project under the address that was asked for", async () => {
  const folder = await builtFolder();
  for (const origin of ["http://127.0.0.1:54321", "http://localhost:8000"]) {
    const config = await (await ask(folder, "/config.json", { origin })).json();
    assert.deepEqual(config, { supabaseUrl: origin, publishableKey: "sb_publishable_x", realtime: false });
  }
});

Deno.test("serveDashboard() says that the dashboard is being built, or why it is not, as text", async () => {
  const waiting = await ask(undefined, "/");
  assert.equal(waiting.status, 503);
  assert.match(await waiting.text(), /being built/);
  const failed = await (await ask(undefined, "/", { problem: "no network <script>alert(1)</script>" }))
    .text();
  assert.match(failed, /no network &lt;script>/);
  assert.doesNotMatch(failed, /<script>/);
});
