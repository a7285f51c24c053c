/**
 * What the REST door knows of the functions in the database, and which of them a call means.
 *
 * The look-up is kept per function name until the database says `notify pgrst` or a call does not fit what is
 * known. The rules by which arguments choose a function are PostgREST's: all required ones, any of the
 * optional ones, nothing else.
 *
 * @module
 */

import type { PoolClient } from "../../supabase/functions/_shared/postgres.ts";
import { RestError } from "./restError.ts";
import { closest } from "./similarity.ts";

/** One argument of a function. */
export interface RoutineArgument {
  /** Empty for an argument without a name. */
  name: string;
  /** As the server writes it, quoted where it must be. */
  type: string;
  required: boolean;
  variadic: boolean;
}

/** One function that can be called. */
export interface Routine {
  schema: string;
  name: string;
  arguments: readonly RoutineArgument[];
  returns: "void" | "scalar" | "composite";
  returnsSet: boolean;
  /** True for stable and immutable functions: they run in a read-only transaction. */
  readOnly: boolean;
  /** The function's own `set statement_timeout`. */
  statementTimeout: string | null;
}

/** What a call brings along to choose a function by. */
export interface CallShape {
  schema: string;
  name: string;
  argumentNames: readonly string[];
  /** The type of the whole body, when it may go to a single unnamed argument. */
  bodyType: "json" | "text" | undefined;
}

/** Keeps what was looked up. */
export class RoutineCatalog {
  readonly #known = new Map<string, Promise<Routine[]>>();

  /** Forgets everything. */
  clear(): void {
    this.#known.clear();
  }

  /** The function that a call means; looks again once when what is known does not fit. */
  async resolve(client: PoolClient, shape: CallShape): Promise<Routine> {
    const key = JSON.stringify([shape.schema, shape.name]);
    const known = this.#known.get(key);
    if (known !== undefined) {
      const choice = choose(await known, shape);
      if (choice !== undefined) return choice;
    }
    const fresh = loadRoutines(client, shape.schema, shape.name);
    this.#known.set(key, fresh);
    fresh.catch(() => this.#known.delete(key));
    const routines = await fresh;
    if (routines.length === 0) this.#known.delete(key);
    return choose(routines, shape) ?? await refuse(client, routines, shape);
  }
}

function choose(routines: readonly Routine[], shape: CallShape): Routine | undefined {
  const named = routines.filter((routine) => fits(routine, shape));
  if (named.length === 1) return named[0];
  if (named.length > 1) throw ambiguous(named);
  const unnamed = routines.filter((routine) => takesWholeBody(routine, shape));
  if (unnamed.length > 1) throw ambiguous(unnamed);
  return unnamed[0];
}

function fits({ arguments: known }: Routine, { argumentNames, bodyType }: CallShape): boolean {
  if (known.length === 0) return argumentNames.length === 0 && bodyType !== "text";
  const names = new Set(known.map(({ name }) => name));
  return argumentNames.every((name) => names.has(name)) &&
    known.every(({ name, required }) => !required || argumentNames.includes(name));
}

function takesWholeBody({ arguments: known }: Routine, { bodyType }: CallShape): boolean {
  const [only, second] = known;
  if (only === undefined || second !== undefined || only.name !== "") return false;
  if (bodyType === "json") return only.type === "json" || only.type === "jsonb";
  return bodyType === "text" && only.type === "text";
}

async function loadRoutines(client: PoolClient, schema: string, name: string): Promise<Routine[]> {
  // A name with a NUL cannot exist, and the server would refuse to look for it.
  if (name.includes("\0")) return [];
  const { rows } = await client.query<{ routine: Routine }>(ROUTINES_SQL, [schema, name]);
  return rows.map((row) => row.routine).filter(({ arguments: known }) => isCallable(known));
}

/** Only one argument may be without a name, and then it must be the only one. */
function isCallable(known: readonly RoutineArgument[]): boolean {
  return known.length === 1 || known.every(({ name }) => name !== "");
}

const ROUTINES_SQL = `
  select json_build_object(
    'schema', n.nspname,
    'name', p.proname,
    'arguments', coalesce((
      select json_agg(json_build_object(
        'name', coalesce(p.proargnames[a.place], ''),
        -- Without a length these two mean a single character or bit.
        'type', case a.type
          when 'pg_catalog.bpchar'::regtype then 'character varying'
          when 'pg_catalog.bit'::regtype then 'bit varying'
          else a.type::regtype::text end,
        'required', a.nth <= p.pronargs - p.pronargdefaults,
        'variadic', coalesce(p.proargmodes[a.place] = 'v', false)
      ) order by a.nth)
      from (
        select t.type, t.place, row_number() over (order by t.place) as nth
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as t (type, place)
        where coalesce(p.proargmodes[t.place] in ('i', 'b', 'v'), true)
      ) a
    ), '[]'::json),
    'returns', case
      when p.prorettype = 'pg_catalog.void'::regtype and not p.proretset then 'void'
      when base.typtype = 'c' or coalesce(p.proargmodes && '{o,b,t}'::"char"[], false) then 'composite'
      else 'scalar' end,
    'returnsSet', p.proretset,
    'readOnly', p.provolatile <> 'v',
    'statementTimeout', (
      select substr(s.setting, length('statement_timeout=') + 1)
      from unnest(p.proconfig) as s (setting)
      where s.setting like 'statement\\_timeout=%'
    )
  ) as routine
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_type t on t.oid = p.prorettype
  join pg_catalog.pg_type base on base.oid = case t.typtype when 'd' then t.typbasetype else t.oid end
  where n.nspname = $1 and p.proname = $2 and p.prokind = 'f'
    and p.prorettype not in ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
  order by p.oid`;

function ambiguous(routines: readonly Routine[]): RestError {
  const candidates = routines.map(({ schema, name, arguments: known }) =>
    `${schema}.${name}(${known.map((argument) => `${argument.name} => ${argument.type}`).join(", ")})`
  );
  return new RestError({
    status: 300,
    code: "PGRST203",
    message: `Could not choose the best candidate function between: ${candidates.join(", ")}`,
    hint:
      "Try renaming the parameters or the function itself in the database so function overloading can be resolved",
  });
}

async function refuse(client: PoolClient, overloads: readonly Routine[], shape: CallShape): Promise<never> {
  const { schema, name, bodyType } = shape;
  const names = [...shape.argumentNames].sort();
  const searched = `${schema}.${name}`;
  const without = names.length === 0;
  const inMessage = bodyType === "text" ? "" : without ? " without parameters" : `(${names.join(", ")})`;
  const listed = without
    ? " without parameters"
    : ` with parameter${names.length > 1 ? "s" : ""} ${names.join(", ")}`;
  const inDetails = bodyType === "json"
    ? `${listed} or with a single unnamed json/jsonb parameter`
    : bodyType === "text"
    ? " with a single unnamed text parameter"
    : listed;
  throw new RestError({
    status: 404,
    code: "PGRST202",
    message: `Could not find the function ${searched}${inMessage} in the schema cache`,
    details:
      `Searched for the function ${searched}${inDetails}, but no matches were found in the schema cache.`,
    hint: bodyType === "text" ? null : await hintFor(client, overloads, schema, name, names),
  });
}

async function hintFor(
  client: PoolClient,
  overloads: readonly Routine[],
  schema: string,
  name: string,
  names: readonly string[],
): Promise<string | null> {
  const said = "Perhaps you meant to call the function";
  if (overloads.length > 0) {
    const lists = overloads.map((routine) => listOf(routine.arguments.map((argument) => argument.name)));
    const list = closest(listOf(names), lists, 0.33);
    return list === undefined ? null : `${said} ${schema}.${name}${list}`;
  }
  const { rows } = await client.query<{ proname: string }>(
    "select distinct p.proname::text as proname from pg_catalog.pg_proc p where p.pronamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)",
    [schema],
  );
  const near = closest(name, rows.map((row) => row.proname), 0.75);
  return near === undefined ? null : `${said} ${schema}.${near}`;
}

function listOf(names: readonly string[]): string {
  return `(${[...names].sort().join(", ")})`;
}
