/**
 * What generated tests stand on, as a file that goes beside them: it describes what came of a call so that it can be
 * compared, in a world that stands still (a fixed time, no chance, no network).
 *
 * @module
 */

/** Its file name. */
export const HARNESS_FILE = "harness.mjs";

/** Its text. */
export const HARNESS = String
  .raw`// Describes what comes of a call, so that it can be compared. Time stands still here, and nothing calls out.
const NOW = Date.parse("2024-03-01T12:00:00Z");
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [NOW] : parts));
  }
  static now() {
    return NOW;
  }
};
globalThis.fetch = () => Promise.reject(new TypeError("a test calls nothing"));
let state = 1;
Math.random = () => (state = (state * 48271) % 2147483647) / 2147483647;
let ids = 0;
globalThis.crypto.randomUUID = () => "00000000-0000-4000-8000-" + String(++ids).padStart(12, "0");
for (const level of ["log", "info", "warn", "error", "debug"]) console[level] = () => {};

const LONGEST_WAIT_MS = 2000;
const LONGEST = 4000;

/** A value as JSON that shows every difference that matters. */
export function describe(value, depth = 0, seen = new Set()) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? "-0" : String(value) };
  if (value === undefined) return { undefined: true };
  if (typeof value === "bigint") return { bigint: String(value) };
  if (typeof value === "symbol") return { symbol: String(value.description) };
  if (typeof value === "function") return { function: value.length };
  if (seen.has(value)) return { again: true };
  if (depth > 6) return { deeper: true };
  const below = new Set([...seen, value]);
  const inner = (one) => describe(one, depth + 1, below);
  if (value instanceof RealDate) return { date: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString() };
  if (value instanceof RegExp || value instanceof URL) return { text: String(value) };
  if (value instanceof Error) return { error: value.name, message: value.message };
  if (value instanceof Map) return { map: [...value].slice(0, 100).map(inner) };
  if (value instanceof Set) return { set: [...value].slice(0, 100).map(inner) };
  if (Array.isArray(value)) return value.slice(0, 100).map(inner);
  const entries = Object.keys(value).sort().slice(0, 100).map((key) => [key, inner(value[key])]);
  const name = value.constructor?.name;
  return name === undefined || name === "Object" ? Object.fromEntries(entries) : { class: name, fields: Object.fromEntries(entries) };
}

function short(described) {
  const text = JSON.stringify(described);
  return text.length <= LONGEST ? described : { start: text.slice(0, LONGEST), length: text.length };
}

async function settle(work) {
  state = 1;
  ids = 0;
  let timer;
  const late = new Promise((resolve) => timer = setTimeout(() => resolve({ hangs: true }), LONGEST_WAIT_MS));
  const done = (async () => {
    try {
      return { returns: short(describe(await work())) };
    } catch (thrown) {
      return { throws: thrown?.name ?? typeof thrown, message: String(thrown?.message ?? thrown).slice(0, 300) };
    }
  })();
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a call returns or throws, and what it does to its arguments. */
export async function outcomeOf(fn, makeArguments) {
  const given = makeArguments();
  const before = JSON.stringify(describe(given));
  const outcome = await settle(() => fn(...given));
  const after = describe(given);
  return JSON.stringify(after) === before ? outcome : { ...outcome, changes: short(after) };
}

/** The same of a method; the object's own fields are seen too. */
export async function methodOutcomeOf(Class, makeOwn, method, makeArguments) {
  let made;
  const outcome = await settle(() => {
    made = new Class(...makeOwn());
    return made[method](...makeArguments());
  });
  return { ...outcome, object: short(describe(made)) };
}

/** What an export holds. */
export function valueOf(read) {
  return settle(read);
}

/** The markup of a React component. */
export async function rendered(Component, makeProps) {
  const { createElement } = await import("react");
  const { renderToStaticMarkup } = await import("react-dom/server");
  return await settle(() => renderToStaticMarkup(createElement(Component, makeProps())));
}

/** The handler that a module gives to Deno.serve when it is loaded. */
export async function servedBy(load) {
  const own = globalThis.Deno ?? (globalThis.Deno = { env: {} });
  own.env.get = () => undefined;
  let handler;
  const serve = own.serve;
  own.serve = (...given) => {
    handler = given.find((one) => typeof one === "function") ?? given[0]?.handler;
    return { finished: Promise.resolve(), shutdown: async () => {} };
  };
  try {
    await load();
  } finally {
    own.serve = serve;
  }
  return handler;
}

/** Status, type and body of an answer. */
export async function answerOf(handler, method, body) {
  const answer = await handler;
  return await settle(async () => {
    const response = await answer(new Request("http://localhost/", { method, body, headers: { "content-type": "application/json" } }));
    const text = await response.text();
    let read = text;
    try {
      read = JSON.parse(text);
    } catch {
      // It is text.
    }
    return { status: response.status, type: response.headers.get("content-type"), body: read };
  });
}
`;
