import assert from "node:assert/strict";
import { createAiClient } from "../../supabase/functions/_shared/aiClient.ts";
import { CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { edgeHandler } from "../../supabase/functions/_shared/edgeHandler.ts";
import {
  captureError,
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import {
  breakerStore,
  captureErrors,
  metricSink,
  recordRequestHeals,
} from "../../supabase/functions/_shared/healingDb.ts";
import { PerformanceMonitor } from "../../supabase/functions/_shared/performanceMonitor.ts";
import { Tracer, useTracer, withSpan } from "../../supabase/functions/_shared/tracing.ts";
import { otlpExporter } from "../../supabase/functions/_shared/tracing/otlpExporter.ts";
import { type Collector, startCollector } from "../helpers/collector.ts";
import { type Contract, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";
import { fails } from "../helpers/openAiFailures.ts";

/** Built from parts, so that no scanner takes them for real ones. */
const SECRETS = {
  model: ["sk", "proj", "P1antedP1antedP1antedP1antedP1antedP1anted"].join("-"),
  project: ["sb", "secret", "P1antedAbCdEfGhIjKlMn_12345678"].join("_"),
  token: `eyJhbGciOiJIUzI1NiJ9.${btoa('{"role":"planted","iat":1700000000}').replaceAll("=", "")}.${
    "p".repeat(43)
  }`,
  password: "planted-hunter2-hunter2",
  email: "planted.person@example.com",
};
const CONNECTION = ["postgres://app:", SECRETS.password, "@db.example.com:5432/app"].join("");
const ALL = Object.values(SECRETS).join(" and ").replace(SECRETS.password, CONNECTION);

/** An error that holds every secret in every place that an error has. */
function planted(parts: object = {}): Error {
  const cause = Object.assign(new TypeError(`caused by ${ALL}`), {
    hint: ALL,
    details: { note: ALL, apiKey: SECRETS.model },
  });
  const error = Object.assign(new Error(`it failed with ${ALL}`, { cause }), {
    hint: ALL,
    details: { note: ALL, password: SECRETS.password },
    headers: new Headers({ authorization: `Bearer ${SECRETS.token}` }),
    ...parts,
  });
  error.stack =
    `${error.stack}\n    at load (https://app:${SECRETS.password}@example.com/x.ts?apikey=${SECRETS.project}:1:1)`;
  return error;
}

function survivors(text: string): string[] {
  return Object.entries(SECRETS).filter(([, secret]) => text.includes(secret)).map(([name]) => name);
}

/** All that is said on the console until it is disposed of. */
function listen(): { lines: string[] } & Disposable {
  const levels = ["debug", "info", "log", "warn", "error"] as const;
  const lines: string[] = [];
  const target: Console = Reflect.get(globalThis, "console");
  const own = levels.map((level) => [level, target[level]] as const);
  for (const level of levels) {
    Reflect.set(target, level, (...words: unknown[]) => void lines.push(words.map(String).join(" ")));
  }
  return {
    lines,
    [Symbol.dispose]() {
      for (const [level, write] of own) Reflect.set(target, level, write);
    },
  };
}

/** Every row of every table of the project. */
async function everything(database: TestDatabase): Promise<string> {
  const tables = await database.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'healing_private')",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const { row } of await database.query<{ row: string }>(`select t::text as row from ${name} t`)) {
      texts.push(`${name}: ${row}`);
    }
  }
  return texts.join("\n");
}

/** In a breaker that the fleet shares, and in a function of our own. */
async function failElsewhere(contract: Contract): Promise<string> {
  const breaker = new CircuitBreaker("planted", { failureThreshold: 1, store: breakerStore(contract.rpc) });
  await breaker.execute(() => Promise.reject(planted({ name: SECRETS.project }))).catch(() => {});
  const settings = {
    url: undefined,
    publishableKey: undefined,
    secretKeys: [],
    machineKeys: ["machine-key"],
    databaseUrl: undefined,
  };
  const served = edgeHandler(
    { functionName: "planted-edge", settings, trace: () => Promise.resolve() },
    () => Promise.reject(planted()),
  );
  const asked = new Request("http://project.test/", {
    method: "POST",
    body: "{}",
    headers: { apikey: "machine-key" },
  });
  return await (await served(asked)).text();
}

async function failEverywhere(contract: Contract, reporter: () => Promise<Reporter>): Promise<string[]> {
  const answers: string[] = [];
  const options = { functionName: "planted", reporter };
  for (
    const parts of [{}, { status: 503 }, { code: "42P01" }, { code: SECRETS.model, name: SECRETS.token }]
  ) {
    const handler = withSelfHealing(() => Promise.reject(planted(parts)), options);
    const request = new Request(`http://project.test/?apikey=${SECRETS.project}`, {
      method: "POST",
      body: ALL,
      headers: { authorization: `Bearer ${SECRETS.token}`, "x-request-id": SECRETS.model },
    });
    answers.push(await (await handler(request)).text());
  }
  const work = withSelfHealing((_: object): Promise<string> => Promise.reject(planted()), {
    ...options,
    effect: "read",
  });
  const argument = { password: SECRETS.password, note: ALL, nested: [CONNECTION] };
  answers.push(await work(argument).catch((error) => `${error.message} ${JSON.stringify(error)}`));
  captureError(planted(), { functionName: "planted", details: { note: ALL } }, reporter);
  answers.push(await failElsewhere(contract));
  await flushErrors();
  return answers;
}

async function askModel(contract: Contract): Promise<string> {
  await using server = startOpenAiServer();
  server.always(fails(400, { message: `Incorrect prompt: ${ALL}` }));
  const ai = createAiClient({
    settings: { targets: [{ model: "m", baseUrl: server.url, apiKey: SECRETS.model }], problems: [] },
    db: contract.rpc,
    functionName: "planted",
  });
  const question = { purpose: "planting", messages: [{ role: "user" as const, content: ALL }] };
  return await ai.complete(question).then(
    JSON.stringify,
    (error) => `${error.message} ${JSON.stringify(error)}`,
  );
}

async function traceAndMeasure(collector: Collector, contract: Contract): Promise<void> {
  const { endpoint } = collector;
  const exporter = otlpExporter({ endpoint, headers: {}, serviceName: "planted" });
  const tracer = new Tracer({ exporter: () => Promise.resolve(exporter) });
  const restore = useTracer(tracer);
  await withSpan(`span ${ALL}`.slice(0, 300), () => Promise.reject(planted()), {
    attributes: { note: ALL, password: SECRETS.password },
  }).catch(() => {});
  await tracer.flush();
  restore();
  const monitor = new PerformanceMonitor();
  monitor.connect(() => Promise.resolve(metricSink(contract.rpc)));
  await monitor.measure("planted", () => Promise.reject(planted())).catch(() => {});
  await monitor.flush();
}

Deno.test("what is planted in errors, requests, arguments, prompts and spans is in no row, line, span or answer", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using collector = startCollector();
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => captureErrors(contract.rpc, errors),
      healed: (heals) => recordRequestHeals(contract.rpc, heals),
    });
  const lost = () =>
    Promise.resolve<Reporter>({
      capture: () => Promise.reject(planted()),
      healed: () => Promise.reject(planted()),
    });
  using heard = listen();
  const answers = [...await failEverywhere(contract, reporter), ...await failEverywhere(contract, lost)];
  answers.push(await askModel(contract));
  await traceAndMeasure(collector, contract);
  const rows = await everything(database);
  const spans = JSON.stringify(collector.spans);
  assert.ok(
    rows.includes("planted") && spans.includes("span") && heard.lines.length > 0 && answers.length > 10,
  );
  const found = { rows, spans, lines: heard.lines.join("\n"), answers: answers.join("\n") };
  assert.deepEqual(
    Object.fromEntries(Object.entries(found).map(([place, text]) => [place, survivors(text)])),
    { rows: [], spans: [], lines: [], answers: [] },
  );
});
