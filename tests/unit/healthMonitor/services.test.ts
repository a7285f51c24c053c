import assert from "node:assert/strict";
import {
  type HealthCheck,
  type HealthSettings,
  readHealthSettings,
  runHealthChecks,
  standardHealthChecks,
} from "../../../supabase/functions/_shared/healthMonitor.ts";
import {
  type HealthServices,
  startHealthServices,
  uploadThingAccount,
} from "../../helpers/healthServices.ts";
import { answers, hangs, type ProviderBehaviour, tooManyRequests } from "../../helpers/providers.ts";

/** A database that nobody asks here. */
const NO_DB = { call: () => Promise.reject(new Error("no database")) };

function checkNamed(name: string, settings: HealthSettings): HealthCheck {
  return standardHealthChecks({ settings, db: NO_DB }).find((check) => check.name === name)!;
}

/** What the check says, as a run has it. */
async function lookAt(name: string, settings: HealthSettings, limitMs?: number): Promise<string> {
  const check = checkNamed(name, settings);
  const { checks: [seen] } = await runHealthChecks([{ ...check, limitMs: limitMs ?? check.limitMs }], {
    db: NO_DB,
  });
  return `${seen!.status}: ${seen!.reason}`;
}

/** One service, what it does wrong, and what the check says then. */
interface Proof {
  name: "ai" | "email" | "sms" | "files";
  serverOf: (services: HealthServices) => HealthServices["ai"];
  cases: readonly [ProviderBehaviour, string][];
  green: string;
  settingsOf?: (services: HealthServices) => HealthSettings;
}

/** Proves that the check turns with the service, and turns back when that is mended. */
async function proveBothWays(proof: Proof): Promise<void> {
  const settings = await proveWithService(proof);
  assert.match(await lookAt(proof.name, settings), /^unhealthy: .+ cannot be reached$/);
}

async function proveWithService(
  { name, serverOf, cases, green, settingsOf = ({ settings }) => settings }: Proof,
): Promise<HealthSettings> {
  await using services = startHealthServices();
  const [settings, server] = [settingsOf(services), serverOf(services)];
  assert.equal(await lookAt(name, settings), green);
  for (const [behaviour, red] of cases) {
    server.answer(behaviour);
    assert.equal(await lookAt(name, settings), red);
    assert.equal(await lookAt(name, settings), green);
  }
  server.always(hangs());
  assert.equal(await lookAt(name, settings, 50), "unhealthy: no answer within 50 ms");
  server.always(() => undefined);
  assert.equal(await lookAt(name, settings), green);
  return settings;
}

const ENDPOINT = "The endpoint of the language model";

Deno.test("the check of the language model turns with its endpoint, its key and its list", async () => {
  await proveBothWays({
    name: "ai",
    serverOf: ({ ai }) => ai,
    cases: [
      [answers(503, "upstream is down"), `unhealthy: ${ENDPOINT} answered 503`],
      [answers(401, { error: { code: "invalid_api_key" } }), `unhealthy: ${ENDPOINT} refuses the key (401)`],
      [tooManyRequests(5), `degraded: ${ENDPOINT} limits our requests (429)`],
      [answers(200, "<html>"), `unhealthy: ${ENDPOINT} answered with what is no JSON`],
      [
        answers(302, "", { location: "http://127.0.0.1:9/" }),
        `unhealthy: ${ENDPOINT} points to another address (302)`,
      ],
      [
        answers(200, { data: [{ id: "gpt-other" }] }),
        `degraded: ${ENDPOINT} answers and does not list gpt-test`,
      ],
      [answers(404, {}), `unknown: ${ENDPOINT} lists no models (404)`],
      [answers(200, { data: [] }), `unknown: ${ENDPOINT} answers and lists no models`],
    ],
    green: `healthy: ${ENDPOINT} answers and offers gpt-test`,
  });
});

Deno.test("the check of the language model knows names with a vendor before and a tag behind", async () => {
  await using services = startHealthServices();
  for (const id of ["models/gpt-test", "gpt-test:latest"]) {
    services.ai.answer(answers(200, { data: [{ id }] }));
    assert.match(await lookAt("ai", services.settings), /^healthy/);
  }
});

Deno.test("the check of e-mail turns with Resend, its key and the domain, and takes a key that may only send", async () => {
  await proveBothWays({
    name: "email",
    serverOf: ({ email }) => email,
    cases: [
      [answers(500, {}), "unhealthy: Resend answered 500"],
      [answers(401, { name: "validation_error" }), "unhealthy: Resend refuses the key (401)"],
      [
        answers(200, { data: [{ name: "example.com", status: "failed" }] }),
        "unhealthy: Resend does not send from example.com: the domain is failed",
      ],
      [
        answers(401, { name: "restricted_api_key" }),
        "healthy: Resend answers and knows the key, which may only send",
      ],
    ],
    green: "healthy: Resend answers, and example.com is verified",
  });
});

Deno.test("the check of SMS turns with Twilio, its token and the account", async () => {
  await proveBothWays({
    name: "sms",
    serverOf: ({ sms }) => sms,
    cases: [
      [answers(502, "bad gateway"), "unhealthy: Twilio answered 502"],
      [answers(401, { code: 20003 }), "unhealthy: Twilio refuses the key (401)"],
      [answers(200, { status: "suspended" }), "unhealthy: Twilio answers, and the account is suspended"],
    ],
    green: "healthy: Twilio answers, and the account is active",
  });
});

Deno.test("the check of files turns with Storage", async () => {
  await proveBothWays({
    name: "files",
    serverOf: ({ storage }) => storage,
    cases: [
      [answers(500, { error: "Internal" }), "unhealthy: Storage answered 500"],
      [answers(403, { error: "Unauthorized" }), "unhealthy: Storage refuses the key (403)"],
      [answers(200, { ok: true }), "unhealthy: Storage answered with no list of buckets"],
    ],
    green: "healthy: Storage answers with its buckets",
  });
});

Deno.test("the check of files turns with UploadThing and the space there", async () => {
  const used = (totalBytes: number) => answers(200, { totalBytes, limitBytes: 100 });
  await proveBothWays({
    name: "files",
    serverOf: ({ uploadthing }) => uploadthing,
    cases: [
      [answers(500, {}), "unhealthy: UploadThing answered 500"],
      [answers(401, {}), "unhealthy: UploadThing refuses the key (401)"],
      [used(95), "degraded: UploadThing answers, and 95 % of its space is used"],
      [used(100), "unhealthy: UploadThing answers, and 100 % of its space is used"],
    ],
    green: "healthy: UploadThing answers, and 10 % of its space is used",
    settingsOf: (services) => ({ ...services.settings, files: uploadThingAccount(services.uploadthing) }),
  });
});

Deno.test("the check of memory turns with what the isolate uses", async () => {
  const settings = readHealthSettings(new Map());
  let bytes: number | undefined;
  const check = standardHealthChecks({ settings, db: NO_DB, readMemory: () => bytes })
    .find(({ name }) => name === "memory")!;
  const seen: string[] = [];
  for (const megabytes of [100, 180, 230, undefined, 100]) {
    bytes = megabytes === undefined ? undefined : megabytes * 1_048_576;
    seen.push((await check.look(new AbortController().signal)).status);
  }
  assert.deepEqual(seen, ["healthy", "degraded", "unhealthy", "unknown", "healthy"]);
  assert.match(await lookAt("memory", settings), /^healthy: the isolate uses \d+ of 256 MB$/);
});

Deno.test("what is not set up is unknown and says what is missing, never red", async () => {
  const settings = readHealthSettings(new Map());
  assert.match(await lookAt("ai", settings), /^unknown: not configured: .*OPENAI|model/);
  assert.equal(await lookAt("email", settings), "unknown: not configured: RESEND_API_KEY is not set");
  assert.match(await lookAt("sms", settings), /^unknown: not configured: TWILIO_ACCOUNT_SID is not set/);
  assert.match(await lookAt("files", settings), /^unknown: not configured: SUPABASE_URL/);
});

Deno.test("readHealthSettings() reads FILE_SERVICE and the key in UploadThing's token", () => {
  const files = (entries: Record<string, string>) =>
    readHealthSettings(new Map(Object.entries(entries))).files;
  const token = btoa(JSON.stringify({ apiKey: "sk_live_a-key-of-some-length", appId: "a", regions: ["x"] }));
  assert.deepEqual(files({ FILE_SERVICE: "uploadthing", UPLOADTHING_TOKEN: token }), {
    kind: "uploadthing",
    baseUrl: "https://api.uploadthing.com",
    apiKey: "sk_live_a-key-of-some-length",
  });
  for (
    const bad of ["", "no base64!", btoa("{}"), btoa("null"), btoa('{"apiKey":"line\\nbreak-in-the-key"}')]
  ) {
    assert.ok("missing" in files({ FILE_SERVICE: "uploadthing", UPLOADTHING_TOKEN: bad }), bad);
  }
  assert.deepEqual(files({ FILE_SERVICE: "none" }), { missing: "FILE_SERVICE is none" });
  assert.ok("missing" in files({ FILE_SERVICE: "dropbox" }));
});

Deno.test("a key never stands in what a check says, whatever the service answers", async () => {
  await using services = startHealthServices();
  const { apiKey } = services.settings.ai as { apiKey: string };
  services.ai.answer(answers(400, { error: { message: `Incorrect API key provided: ${apiKey}` } }));
  const { checks } = await runHealthChecks([checkNamed("ai", services.settings)], { db: NO_DB });
  assert.equal(JSON.stringify(checks).includes(apiKey), false);
  assert.equal(checks[0]!.status, "unhealthy");
});

Deno.test("runHealthChecks() looks at everything at once: one that hangs holds up no other", async () => {
  const started: string[] = [];
  const hanging = (name: string): HealthCheck => ({
    name,
    limitMs: 40,
    look: () => (started.push(name), new Promise(() => {})),
  });
  const quick: HealthCheck = {
    name: "quick",
    limitMs: 5_000,
    look: () => Promise.resolve({ status: "healthy", reason: `${started.length} started` }),
  };
  const { checks, notRecorded } = await runHealthChecks([hanging("a"), hanging("b"), quick], { db: NO_DB });
  assert.deepEqual(checks.map(({ status }) => status), ["unhealthy", "unhealthy", "healthy"]);
  assert.equal(checks[2]!.reason, "2 started");
  assert.equal(notRecorded, "no database");
});

Deno.test("an endless answer does not fill the memory", async () => {
  await using services = startHealthServices();
  services.ai.answer(() => new Response("x".repeat(3_000_000)));
  assert.equal(
    await lookAt("ai", services.settings),
    `unhealthy: ${ENDPOINT} answered with what is no JSON`,
  );
});
