/** Does what the steps of a row say, as the row says: role, claims, settings, session. @module */

import { quoted } from "../../supabase/functions/_shared/core/sqlNames.ts";
import type { Client, DatabaseError } from "../../supabase/functions/_shared/postgres.ts";
import type { Step } from "./cases.ts";
import type { BenchDatabase } from "./server.ts";

/** What a step answered: rows of values. */
export type Answer = unknown[][];

/** Runs steps on a database, one connection a session. */
export class StepRunner {
  readonly #database: BenchDatabase;
  readonly #sessions = new Map<string, Client>();

  constructor(database: BenchDatabase) {
    this.#database = database;
  }

  /** Runs one step as `postgres`, or as the role that it names; a superuser helps out where rights are missing. */
  async setUp(step: Step): Promise<void> {
    try {
      await this.run(step);
    } catch (error) {
      const { code, message } = error as DatabaseError;
      // The platform's stand-in has some extensions already, where rows want them.
      if (code === "42710" && message.startsWith("extension ")) return;
      if (code !== "42501") throw error;
      await this.run(step, "superuser");
    }
  }

  /** Runs one step. Settings that it makes for its session end with it. */
  async run(
    step: Step,
    user: "postgres" | "superuser" = "postgres",
    searchPath?: string | null,
  ): Promise<Answer> {
    const client = await this.#client(step, user);
    try {
      if (searchPath) await client.query("select set_config('search_path', $1, false)", [searchPath]);
      return step.insert === undefined ? await runSql(client, step) : await runInsert(client, step);
    } finally {
      // A step of a named session leaves it as it is: that may be the failure.
      if (step.session === undefined) await client.query("rollback; reset role; reset all").catch(() => {});
    }
  }

  async #client(step: Step, user: "postgres" | "superuser"): Promise<Client> {
    const name = `${user}:${step.session ?? ""}`;
    const client = this.#sessions.get(name) ?? await this.#database.connect(user);
    this.#sessions.set(name, client);
    return client;
  }
}

async function become(client: Client, step: Step): Promise<void> {
  for (const [name, value] of Object.entries(step.set ?? {})) {
    await client.query("select set_config($1, $2, true)", [name, value]);
  }
  const claims = JSON.stringify(step.jwt ?? (step.role === undefined ? {} : { role: step.role }));
  await client.query("select set_config('request.jwt.claims', $1, true)", [claims]);
  await client.query("select set_config('role', $1, true)", [step.role]);
}

async function runSql(client: Client, step: Step): Promise<Answer> {
  const text = step.sql ?? "";
  if (step.role === undefined) return valuesOf(await client.query({ text, rowMode: "array" }));
  await client.query("begin");
  await become(client, step);
  const answer = valuesOf(await client.query({ text, rowMode: "array" }));
  await client.query("commit");
  return answer;
}

/** Several statements have several results; the last one counts. */
function valuesOf(result: unknown): Answer {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return ((last as { rows?: Answer } | undefined)?.rows) ?? [];
}

/** The write as the REST interface makes it: one JSON text, read into the column types of the table. */
async function runInsert(client: Client, step: Step): Promise<Answer> {
  await client.query("begin");
  const { text, values } = await insertStatement(client, step);
  if (step.role !== undefined) await become(client, step);
  const result = await client.query({ text, values, rowMode: "array" });
  await client.query("commit");
  return step.returning === false ? [[result.rowCount]] : valuesOf(result);
}

async function insertStatement(client: Client, step: Step): Promise<{ text: string; values: unknown[] }> {
  const rows = Array.isArray(step.payload) ? step.payload : [step.payload ?? {}];
  const columns = step.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row as object)))];
  const types = await columnTypes(client, step.insert!);
  const list = columns.map((column) => {
    const type = types.get(column);
    if (type === undefined) throw unknownColumn(column, step.insert!);
    return { name: quoted(column), type };
  });
  const names = list.map(({ name }) => name).join(", ");
  const source = list.map(({ name, type }) => `${name} ${type}`).join(", ");
  const target = step.insert!.split(".").map((part) => quoted(part)).join(".");
  const insert = list.length === 0
    ? `insert into ${target} default values`
    : `insert into ${target} (${names}) select ${names} from json_to_recordset($1::json) as _(${source})`;
  const values = list.length === 0 ? [] : [JSON.stringify(rows)];
  const written = `${insert}${conflictClause(step, list.map(({ name }) => name))}`;
  // Without a select policy even `returning 1` is refused, so an answer is only asked for where the step wants one.
  if (step.returning === false) return { text: written, values };
  return {
    text: `with written as (${written} returning *) select row_to_json(written) from written`,
    values,
  };
}

function conflictClause(step: Step, columns: readonly string[]): string {
  if (step.on_conflict === undefined) return "";
  const [key, how] = step.on_conflict;
  const target = ` on conflict (${key.map((part) => quoted(part)).join(", ")})`;
  return how === "merge"
    ? `${target} do update set ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}`
    : `${target} do nothing`;
}

async function columnTypes(client: Client, table: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname::text as name, format_type(atttypid, atttypmod) as type from pg_catalog.pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [table.split(".").map((part) => quoted(part)).join(".")],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

function unknownColumn(column: string, table: string): Error {
  const message = `Could not find the '${column}' column of '${table}' in the schema cache`;
  return Object.assign(new Error(message), { code: "PGRST204", details: null, hint: null });
}

/** Whether an answer is what a row expects; `null` expects only that the step succeeds. */
export function meets(answer: Answer, expected: unknown): boolean {
  return expected === null || expected === undefined || canonical(answer) === canonical(expected);
}

/** The driver answers some numbers as texts and dates as objects; both sides are read alike. */
export function canonical(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
    return `{${entries.map(([key, item]) => `${key}:${canonical(item)}`).join(",")}}`;
  }
  if (typeof value === "string" && value !== "" && Number.isFinite(Number(value))) {
    return String(Number(value));
  }
  return typeof value === "number" ? String(value) : JSON.stringify(value) ?? "null";
}
