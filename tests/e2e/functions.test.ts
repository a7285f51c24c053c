import assert from "node:assert/strict";
import { FIXTURE_FUNCTIONS, isAlive, openStack, type TestStack } from "../helpers/stack.ts";
import { signJwt } from "../../scripts/stack/jwt.ts";
import { waitFor } from "../helpers/waiting.ts";

const stack = await openStack({ secrets: { MY_SECRET: "kept", SUPABASE_URL: "http://elsewhere" } });
Deno.test.afterAll(() => stack.stack.stop());
const { keys, url } = stack.stack;

interface Echo {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  env: Record<string, string>;
  namesAtStart: string[];
  pid: number;
}

async function fault(answer: Response): Promise<[number, string | null, string]> {
  const { code } = await answer.json();
  return [answer.status, answer.headers.get("sb-error-code"), code];
}

function headOf(alg: string): string {
  return btoa(JSON.stringify({ alg })).replaceAll("=", "");
}

async function echo(path = "echo", init: RequestInit = {}): Promise<Echo> {
  const answer = await stack.call(path, init);
  assert.equal(answer.status, 200);
  return await answer.json();
}

Deno.test("a function sees the request as it was sent, its path without the door", async () => {
  const seen = await echo("echo/deep/path?q=1&q=2", {
    method: "PUT",
    headers: {
      apikey: keys.publishable,
      "x-own": "ünï".normalize("NFKD").replace(/[^a-z]/g, ""),
      "content-type": "text/plain",
    },
    body: "a body\nof two lines",
  });
  assert.deepEqual([seen.method, seen.path, seen.body], [
    "PUT",
    "/echo/deep/path?q=1&q=2",
    "a body\nof two lines",
  ]);
  assert.deepEqual([seen.headers["content-type"], seen.headers.apikey], ["text/plain", keys.publishable]);
  assert.equal(seen.headers["x-forwarded-host"], "127.0.0.1");
});

Deno.test("a function's environment is what the platform gives and what the caller passes, and nothing of ours", async () => {
  const { env, namesAtStart } = await echo();
  assert.deepEqual(namesAtStart.sort(), Object.keys(env).sort(), "nothing more while the module starts");
  assert.deepEqual(Object.keys(env).sort(), [
    "CRON_SECRET",
    "MY_SECRET",
    "SB_EXECUTION_ID",
    "SUPABASE_ANON_KEY",
    "SUPABASE_DB_URL",
    "SUPABASE_JWKS",
    "SUPABASE_PUBLISHABLE_KEYS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_URL",
  ]);
  assert.deepEqual([env.SUPABASE_URL, env.MY_SECRET, env.CRON_SECRET], [url, "kept", keys.cronSecret]);
  assert.deepEqual(JSON.parse(env.SUPABASE_SECRET_KEYS!), { default: keys.secret });
});

Deno.test("functions with verify_jwt let keys and valid tokens through, on either header", async () => {
  const token = await signJwt({ sub: "x", role: "authenticated" }, keys.jwtSecret);
  const passes: Record<string, string>[] = [
    { apikey: keys.publishable },
    { apikey: keys.secret },
    { authorization: `Bearer ${keys.publishable}` },
    { authorization: `Bearer ${keys.anonJwt}` },
    { authorization: `Bearer ${token}` },
    { authorization: `Bearer ${keys.secret}`, apikey: keys.secret },
  ];
  for (const headers of passes) await echo("echo", { headers });
});

Deno.test("functions with verify_jwt refuse everything else with the platform's codes", async () => {
  const refusals: [headers: Record<string, string>, code: string][] = [
    [{}, "UNAUTHORIZED_NO_AUTH_HEADER"],
    [{ authorization: "Basic eA==" }, "UNAUTHORIZED_NO_AUTH_HEADER"],
    [{ apikey: "sb_secret_guess" }, "UNAUTHORIZED_NO_AUTH_HEADER"],
    [{ authorization: "Bearer nonsense" }, "UNAUTHORIZED_INVALID_JWT_FORMAT"],
    [{ authorization: `Bearer ${headOf("none")}.e30.` }, "UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM"],
    [{ authorization: `Bearer ${headOf("ES256")}.e30.AAAA` }, "UNAUTHORIZED_ASYMMETRIC_JWT"],
    [{ authorization: `Bearer ${await signJwt({}, "x".repeat(40))}` }, "UNAUTHORIZED_LEGACY_JWT"],
    [{ authorization: `Bearer ${await signJwt({ exp: 1 }, keys.jwtSecret)}` }, "UNAUTHORIZED_LEGACY_JWT"],
  ];
  for (const [headers, code] of refusals) {
    assert.deepEqual(await fault(await stack.call("echo", { headers })), [401, code, code]);
  }
});

Deno.test("functions without verify_jwt, and preflights, need no key", async () => {
  const open = await stack.call("crash", { headers: {} });
  assert.equal(open.status, 200);
  await open.body?.cancel();
  const preflight = await echo("echo", { method: "OPTIONS", headers: {} });
  assert.equal(preflight.method, "OPTIONS");
});

Deno.test("a name without a function is 404 NOT_FOUND, whatever the name is", async () => {
  for (const name of ["missing", "", "_shared", "..%2Fecho", "%00", "x".repeat(4_000)]) {
    assert.deepEqual(await fault(await stack.call(name)), [404, "NOT_FOUND", "NOT_FOUND"], name);
  }
});

Deno.test("a body over the limit is 413 before the function sees it", async () => {
  const answer = await stack.call("echo", { method: "POST", body: "a".repeat(10_000_000) });
  assert.deepEqual(await fault(answer), [413, "PAYLOAD_TOO_LARGE", "PAYLOAD_TOO_LARGE"]);
});

Deno.test("a function's own errors pass as they are, and are named as its own", async () => {
  for (
    const [status, code] of [[404, null], [500, "EDGE_FUNCTION_ERROR"], [503, "EDGE_FUNCTION_ERROR"]] as const
  ) {
    const answer = await stack.call("echo", {
      headers: { apikey: keys.publishable, "x-status": String(status) },
    });
    assert.deepEqual([answer.status, answer.headers.get("sb-error-code")], [status, code]);
    await answer.body?.cancel();
  }
});

Deno.test("an answer streams through piece by piece", async () => {
  const answer = await stack.call("streaming");
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  assert.equal(await answer.text(), "piece 0\npiece 1\npiece 2\n");
});

Deno.test("a module that only exports a handler is served", async () => {
  assert.equal(await (await stack.call("declared")).text(), "declared");
});

Deno.test("a function finds the platform's runtime: what that lacks is absent, and it cannot end itself", async () => {
  const first = await (await stack.call("platform")).json();
  assert.deepEqual(first, {
    present: [],
    version: "supabase-edge-runtime-1.78.1 (compatible with Deno v2.1.4)",
    args: [],
    hasTemporal: false,
    hasWorker: false,
  });
});

Deno.test("a function's file calls are refused as on the platform", async () => {
  const results: Record<string, string> = await (await stack.call("files")).json();
  const refused = "is blocklisted";
  assert.deepEqual(results, {
    writeTextFileSync: `PermissionDenied: Deno.writeTextFileSync ${refused} on the current context`,
    mkdirSync: `PermissionDenied: Deno.mkdirSync ${refused} on the current context`,
    readTextFileSync: "ok",
    readTextFile: "ok",
    makeTempDir: "ok",
    rename: `PermissionDenied: Deno.rename ${refused}`,
    copyFile: `PermissionDenied: Deno.copyFile ${refused}`,
    truncate: `PermissionDenied: Deno.truncate ${refused}`,
    chmod: `PermissionDenied: Deno.chmod ${refused}`,
    fsync: `PermissionDenied: Deno.FsFile.sync ${refused}`,
    command: "PermissionDenied: Spawning subprocesses is not allowed on Supabase Edge Runtime.",
    outside: results.outside,
  });
  assert.match(results.outside ?? "", /^NotCapable: Requires write access/);
});

Deno.test("callers at once start a function once", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => stack.call("crash", { headers: {} })));
  const pids = await Promise.all(answers.map((answer) => answer.text()));
  assert.equal(new Set(pids).size, 1);
});

Deno.test("a function that crashes answers 500 WORKER_ERROR, once, and is started again by the next call", async () => {
  const before = await (await stack.call("crash", { headers: {} })).text();
  const crashed = await stack.call("crash", { method: "POST", headers: {} });
  assert.deepEqual(await fault(crashed), [500, "WORKER_ERROR", "WORKER_ERROR"]);
  const after = await (await stack.call("crash", { headers: {} })).text();
  assert.notEqual(after, before);
  await waitFor("the end of the first process", async () => !await isAlive(Number(before)));
  const crashes = stack.logs.filter((line) => /nobody catches this$/.test(line) && line.includes("error:"));
  assert.equal(crashes.length, 1, "the call was not repeated");
});

Deno.test("a function that fails before it serves is 503 BOOT_ERROR, and its log says why", async () => {
  assert.deepEqual(await fault(await stack.call("broken")), [503, "BOOT_ERROR", "BOOT_ERROR"]);
  await stack.logged(/^\[broken\] .*this function cannot start/);
  await stack.logged(/^\[broken\] ended with code 1 before it listened$/);
});

Deno.test("a function that fills its heap or the machine's memory is ended with 546 WORKER_LIMIT", async () => {
  for (const what of ["heap", "buffers"]) {
    const answer = await stack.call(`hungry?what=${what}`);
    assert.deepEqual(await fault(answer), [546, "WORKER_LIMIT", "WORKER_LIMIT"], what);
    assert.equal(await (await stack.call("hungry")).text(), "well fed");
  }
});

Deno.test("a changed function takes effect at its next start", async () => {
  const root = await Deno.makeTempDir();
  const file = `${root}/changing/index.ts`;
  await Deno.mkdir(`${root}/changing`);
  async function write(text: string): Promise<void> {
    await Deno.writeTextFile(
      file,
      `Deno.serve((r) => {
      if (r.method === "POST") queueMicrotask(() => { throw new Error("over"); });
      return r.method === "POST" ? new Promise(() => {}) : new Response("${text}");
    });`,
    );
  }
  await write("old");
  await using own: TestStack = await openStack({ functionRoots: [FIXTURE_FUNCTIONS, root] });
  assert.equal(await (await own.call("changing")).text(), "old");
  await write("new");
  assert.equal(await (await own.call("changing")).text(), "old");
  await (await own.call("changing", { method: "POST" })).body?.cancel();
  assert.equal(await (await own.call("changing")).text(), "new");
  await Deno.remove(root, { recursive: true });
});

Deno.test("waitUntil() lets work finish after the answer, and thenables are not started", async () => {
  const answer = await stack.call("background?release");
  assert.deepEqual([answer.status, await answer.text()], [202, "answered"]);
  await stack.logged(/^\[background\] work done$/);
  assert.equal(stack.logs.some((line) => line.includes("thenable")), false);
});
