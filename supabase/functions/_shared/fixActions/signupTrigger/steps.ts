/** What `repair_signup_trigger` does. @module */

import type { SqlPort } from "../../core/ports.ts";
import { z } from "../../core/validation.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import { asRole } from "../session.ts";
import { type NameUse, qualifyName } from "./body.ts";
import {
  type InnerError,
  innerErrorOf,
  rehearse,
  replaceBody,
  type SignupFunction,
  signupFunctions,
} from "./rehearse.ts";
import type { FixSteps } from "../lazily.ts";
import type { RepairSignupTrigger } from "../repairSignupTrigger.ts";

const MAX_NAMES = 20;

/** What names a missing thing, and where one of that name is looked for. */
const MISSING: readonly (readonly [code: string, words: RegExp, use: NameUse, where: string])[] = [
  [
    "42P01",
    /^relation "([^".]+)" does not exist/,
    "relation",
    "select n.nspname::text as schema from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v') and c.relname = $1",
  ],
  [
    "42883",
    /^function "?([^".(]+)"?\(/,
    "function",
    "select n.nspname::text as schema from pg_catalog.pg_proc c join pg_catalog.pg_namespace n on n.oid = c.pronamespace where c.proname = $1",
  ],
  [
    "42704",
    /^type "([^".]+)" does not exist/,
    "type",
    "select n.nspname::text as schema from pg_catalog.pg_type c join pg_catalog.pg_namespace n on n.oid = c.typnamespace where c.typname = $1",
  ],
];

/** What the inner error of other kinds means for a person. */
const EXPLAINED: Readonly<Record<string, string>> = {
  "23502": "the function leaves out a required value; give the column a default or let the function fill it",
  "23505": "the function writes a value that another row has; decide what shall happen then",
  "23514": "the function writes a value that the table does not allow",
  "42703": "the function writes a column that the table does not have; correct one of them",
  "42501":
    "the function runs with the rights of the platform's service, which may not write there; a person has to decide whether it shall run with its owner's",
};

/** What the kind does. */
export const repairSignupTriggerSteps: FixSteps<RepairSignupTrigger> = {
  async precondition(context, { said }) {
    const broken = await brokenFunction(sqlOf(context), said);
    if (typeof broken === "string") return refused(broken);
    const body = await mendedBody(sqlOf(context), broken);
    return typeof body === "string" ? GO : refused(body.refused);
  },
  async snapshot(context, { said }) {
    const { definition, owner, identity } = await requireBroken(sqlOf(context), said);
    return { definition, owner, identity };
  },
  async apply(context, { said }) {
    const sql = sqlOf(context);
    const broken = await requireBroken(sql, said);
    const body = await mendedBody(sql, broken);
    if (typeof body !== "string") throw new Error(body.refused);
    await replaceBody(sql, broken, body);
  },
  async probe(context) {
    const sql = sqlOf(context);
    for (const one of await signupFunctions(sql)) {
      const error = await rehearse(sql, one);
      if (error !== null) {
        return { ok: false, measured: `${one.identity} fails: ${error.code} ${error.message}` };
      }
    }
    return { ok: true, measured: "a made-up person signs up on a stand-in for the table of users" };
  },
  async revert(context, _action, rollbackPoint) {
    const { definition, owner } = saved.parse(rollbackPoint);
    await asRole(sqlOf(context), owner, () => sqlOf(context).query(definition));
  },
};

/** The one function that fails, or why there is none to mend. */
async function brokenFunction(sql: SqlPort, said: string | null): Promise<SignupFunction | string> {
  const functions = await signupFunctions(sql);
  if (functions.length === 0) {
    return said === null
      ? "no trigger of this project runs when a user signs up; read the log of the auth service"
      : "no trigger of this project runs when a user signs up, so the name is missing elsewhere";
  }
  const broken: SignupFunction[] = [];
  for (const one of functions) {
    const error = await rehearse(sql, one);
    if (error !== null && (said === null || said === error.message)) broken.push(one);
  }
  const [first] = broken;
  if (first === undefined) {
    return "every sign-up trigger runs through for a made-up person; read the log of the database";
  }
  if (broken.length > 1) return "several sign-up triggers fail";
  if (!first.mine) {
    return `${first.identity} belongs to ${first.owner}, whose rights this connection does not have`;
  }
  if (first.language !== "plpgsql") return `${first.identity} is written in ${first.language}`;
  const others = first.settings?.filter((setting) => !setting.startsWith("search_path=")) ?? [];
  return others.length > 0 ? `${first.identity} has settings of its own: ${others.join(", ")}` : first;
}

async function requireBroken(sql: SqlPort, said: string | null): Promise<SignupFunction> {
  const broken = await brokenFunction(sql, said);
  if (typeof broken === "string") throw new Error(broken);
  return broken;
}

/** The body with which the rehearsal runs through; it is tried and taken back. */
async function mendedBody(sql: SqlPort, broken: SignupFunction): Promise<string | { refused: string }> {
  let body = broken.body;
  for (let step = 0; step < MAX_NAMES; step++) {
    const error = await tryBody(sql, broken, body);
    if (error === null) return body;
    const next = await qualifyMissing(sql, body, error);
    if (next === null) return { refused: explained(broken, error) };
    body = next;
  }
  return { refused: `${broken.identity} lacks more than ${MAX_NAMES} names` };
}

async function tryBody(sql: SqlPort, broken: SignupFunction, body: string): Promise<InnerError | null> {
  await sql.query("savepoint before_body");
  let error: InnerError | null;
  try {
    await replaceBody(sql, broken, body);
    error = await rehearse(sql, broken);
  } catch (thrown) {
    // A type that is not found stops the function's making already; path and role go back with the savepoint.
    error = innerErrorOf(thrown);
  }
  await sql.query("rollback to savepoint before_body");
  return error;
}

/** The body with the missing name written in full; null when nothing, or more than one thing, has that name. */
async function qualifyMissing(sql: SqlPort, body: string, error: InnerError): Promise<string | null> {
  for (const [code, words, use, where] of MISSING) {
    const name = code === error.code ? words.exec(error.message)?.[1] : undefined;
    if (name === undefined) continue;
    const places = await sql.query<{ schema: string }>(
      `select distinct schema from (${where}) as found where schema !~ '^(pg_|healing_|information_schema$)'
         and schema not in ('auth', 'storage', 'realtime', 'vault', 'net', 'cron')`,
      [name],
    );
    if (places.length !== 1) return null;
    const next = qualifyName(body, use, name, places[0]!.schema);
    return next === body ? null : next;
  }
  return null;
}

function explained({ identity }: SignupFunction, { code, message }: InnerError): string {
  const advice = Object.hasOwn(EXPLAINED, code) ? `: ${EXPLAINED[code]}` : "";
  return `${identity} fails with ${code} ${message}${advice}`;
}

const saved = z.object({ definition: z.string(), owner: z.string(), identity: z.string() });
