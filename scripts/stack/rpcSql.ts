/**
 * The one statement that calls a function and makes JSON of what it returns.
 *
 * The server casts the arguments (`json_to_record` with the declared types) and builds the JSON, so no value
 * passes through JavaScript's numbers. Identifiers are quoted here; types come quoted from the catalogue.
 *
 * @module
 */

import { quoted } from "../../supabase/functions/_shared/core/sqlNames.ts";
import type { RpcCall } from "./rpcRequest.ts";
import type { Routine, RoutineArgument } from "./routines.ts";

/** A statement with its parameters. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** The columns of {@link callStatement}'s only row. */
export interface CallRow {
  /** JSON as text; null when a function without a set returned null. */
  body: string | null;
  rows: string;
  total: string | null;
  response_status: string | null;
  response_headers: string | null;
}

/** The statement for a call of `routine`; at most `maxRows` of a set are returned. */
export function callStatement(routine: Routine, call: RpcCall, maxRows: number): Statement {
  const { from, values } = sourceOf(routine, call);
  const cell = routine.returns === "composite" ? "stack_row" : "stack_row.stack_value";
  const list = `json_agg(${cell})`;
  const body = routine.returnsSet ? `coalesce(${list}, '[]')` : `${list} -> 0`;
  const limit = routine.returnsSet ? ` limit ${maxRows}` : "";
  const total = call.countExactly ? "(select count(*) from stack_source)" : "null";
  const text = `with stack_source as (${from})
    select (${body})::text as body, count(*)::text as rows, (${total})::text as total,
      nullif(current_setting('response.status', true), '') as response_status,
      nullif(current_setting('response.headers', true), '') as response_headers
    from (select * from stack_source${limit}) stack_row`;
  return { text, values };
}

function sourceOf(routine: Routine, call: RpcCall): { from: string; values: unknown[] } {
  const { record, list, values } = argumentsOf(routine, call);
  const name = `${quoted(routine.schema)}.${quoted(routine.name)}`;
  const invocation = routine.returns === "composite"
    ? `${name}(${list}) stack_call`
    : `(select ${name}(${list}) as stack_value) stack_call`;
  const from = record === undefined ? invocation : `${record}, lateral ${invocation}`;
  return { from: `select stack_call.* from ${from}`, values };
}

interface BoundArguments {
  /** A `from` item with one row that holds the arguments. */
  record?: string;
  /** What stands between the parentheses of the call. */
  list: string;
  values: unknown[];
}

function argumentsOf(routine: Routine, { arguments: given, shape }: RpcCall): BoundArguments {
  if (given.kind === "query") return queryArguments(routine, given.values);
  const [only] = routine.arguments;
  if (only?.name === "") return { list: `$1::${only.type}`, values: [given.text] };
  const named = routine.arguments.filter(({ name }) => shape.argumentNames.includes(name));
  if (named.length === 0) return { list: "", values: [] };
  const columns = named.map(({ name, type }) => `${quoted(name)} ${type}`).join(", ");
  return {
    record: `json_to_record(${FIRST_OBJECT}) as stack_body (${columns})`,
    list: named.map((argument) => assign(argument, `stack_body.${quoted(argument.name)}`)).join(
      ", ",
    ),
    values: [given.text],
  };
}

/** An array of objects is taken by its first, as PostgREST does. */
const FIRST_OBJECT = "case json_typeof($1::json) when 'array' then $1::json -> 0 else $1::json end";

function queryArguments(routine: Routine, given: ReadonlyMap<string, readonly string[]>): BoundArguments {
  const values: unknown[] = [];
  const list: string[] = [];
  for (const argument of routine.arguments) {
    const texts = given.get(argument.name);
    if (texts === undefined) continue;
    values.push(argument.variadic ? texts : texts.at(-1));
    const parameter = `$${values.length}`;
    // Without the first cast the server would guess the parameter's type from the second.
    const cast = argument.variadic
      ? `${parameter}::text[]::${argument.type}`
      : `${parameter}::text::${argument.type}`;
    list.push(assign(argument, cast));
  }
  return { list: list.join(", "), values };
}

function assign(argument: RoutineArgument, value: string): string {
  return `${argument.variadic ? "variadic " : ""}${quoted(argument.name)} := ${value}`;
}
