/** What `qualify_search_path` does. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import { z } from "../../core/validation.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import type { QualifySearchPath } from "../qualifySearchPath.ts";
import { asRole, PLATFORM_SCHEMA } from "../session.ts";
import { qualifyName } from "../signupTrigger/body.ts";

/** A function of the project with a path of its own, or none. */
interface Routine {
  oid: string;
  schema: string;
  /** As it stands in a statement. */
  identity: string;
  owner: string;
  mine: boolean;
  definer: boolean;
  body: string;
  /** Its own path as it is stored; null when it takes that of its caller. */
  path: string | null;
}

const ROUTINES = `
  select f.oid::text as oid, n.nspname::text as schema, f.oid::regprocedure::text as identity, pg_catalog.pg_get_userbyid(f.proowner)::text as owner,
    pg_catalog.pg_has_role(current_user, f.proowner, 'MEMBER') as mine, f.prosecdef as definer, f.prosrc as body,
    (select substr(c, 13) from unnest(f.proconfig) c where c like 'search_path=%') as path
  from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace join pg_catalog.pg_language l on l.oid = f.prolang
  where l.lanname in ('sql', 'plpgsql') and f.prokind in ('f', 'p') and position(lower($1) in lower(f.prosrc)) > 0
    and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e')`;

/** Where something of the name is, with whether a role of the API could put something else there. */
const PLACES: Readonly<Record<QualifySearchPath["missing"], string>> = {
  relation: placesIn(
    "pg_catalog.pg_class c",
    "c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')",
    "c.relnamespace",
  ),
  function: placesIn("pg_catalog.pg_proc c", "c.proname = $1", "c.pronamespace"),
  type: placesIn("pg_catalog.pg_type c", "c.typname = $1", "c.typnamespace"),
};

function placesIn(catalogue: string, condition: string, namespace: string): string {
  return `select distinct n.nspname::text as schema, pg_catalog.has_schema_privilege('anon', n.oid, 'CREATE')
      or pg_catalog.has_schema_privilege('authenticated', n.oid, 'CREATE') as open
    from ${catalogue} join pg_catalog.pg_namespace n on n.oid = ${namespace} where ${condition}`;
}

/** Behind the REST interface a function without a path of its own has this one. */
const API_PATH = ["public", "extensions"];

/** What the kind does. */
export const qualifySearchPathSteps: FixSteps<QualifySearchPath> = {
  async precondition(context, action) {
    const found = await widening(sqlOf(context), action);
    return typeof found === "string" ? refused(found) : GO;
  },
  async snapshot(context, action) {
    const { routine: { identity, owner, path } } = await requireWidening(sqlOf(context), action);
    return { identity, owner, path };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const { routine: { identity, owner }, path } = await requireWidening(sql, action);
    await asRole(sql, owner, () => sql.query(`alter routine ${identity} set search_path = ${listOf(path)}`));
  },
  async probe(context, action) {
    const sql = sqlOf(context);
    const left = await widening(sql, action);
    const ok = typeof left === "string" && left.startsWith(FOUND_BY_ALL);
    return {
      ok,
      measured: ok
        ? `every function that names ${action.missing} ${action.name} finds it`
        : `${action.missing} ${action.name} is still not found`,
    };
  },
  async revert(context, _action, rollbackPoint) {
    const sql = sqlOf(context);
    const { identity, owner, path } = saved.parse(rollbackPoint);
    const change = path === null ? "reset search_path" : `set search_path = ${listOf(entriesOf(path))}`;
    await asRole(sql, owner, () => sql.query(`alter routine ${identity} ${change}`));
  },
};

const saved = z.object({ identity: z.string(), owner: z.string(), path: z.string().nullable() });
const FOUND_BY_ALL = "every function that names it finds it";

interface Widening {
  routine: Routine;
  path: string[];
}

async function requireWidening(sql: SqlPort, action: QualifySearchPath): Promise<Widening> {
  const found = await widening(sql, action);
  if (typeof found === "string") throw new Error(found);
  return found;
}

/** The function whose path lacks the schema, and the path that has it; or why no path is changed. */
async function widening(sql: SqlPort, { missing, name }: QualifySearchPath): Promise<Widening | string> {
  const places = (await sql.query<{ schema: string; open: boolean }>(PLACES[missing], [name]))
    .filter(({ schema }) => schema === "extensions" || !PLATFORM_SCHEMA.test(schema));
  const [place] = places;
  if (place === undefined) return `there is no ${missing} ${name} in any schema of the project`;
  if (places.length > 1) {
    return `${name} is in several schemas: ${places.map(({ schema }) => schema).join(", ")}`;
  }
  if (place.open) return `anybody may put something into schema ${place.schema}, so it goes on no path`;
  const all = (await sql.query<Routine>(ROUTINES, [name])).filter(({ schema }) =>
    !PLATFORM_SCHEMA.test(schema)
  );
  const naming = all.filter(({ body }) => qualifyName(body, missing, name, place.schema) !== body);
  if (naming.length === 0) return `no function of the project names ${missing} ${name} without its schema`;
  const lacking = naming.filter(({ path }) => !entriesIn(path).includes(place.schema));
  const [routine, second] = lacking;
  if (routine === undefined) return `${FOUND_BY_ALL}, in schema ${place.schema}`;
  if (second !== undefined) {
    return `several functions name it: ${lacking.map(({ identity }) => identity).join(", ")}`;
  }
  if (routine.definer) {
    return `${routine.identity} runs as its owner, and such a path is never widened: write ${place.schema}.${name} in its body`;
  }
  return routine.mine
    ? { routine, path: [...entriesIn(routine.path), place.schema] }
    : `${routine.identity} belongs to ${routine.owner}, whose rights this connection does not have`;
}

function entriesIn(path: string | null): string[] {
  return path === null ? [...API_PATH] : entriesOf(path);
}

/** The schemas of a path as it is stored: names between commas, in quotes where they need them. */
function entriesOf(path: string): string[] {
  return [...path.matchAll(/"((?:[^"]|"")*)"|([^",\s]+)/g)].map(([, inQuotes, plain]) =>
    inQuotes === undefined ? plain! : inQuotes.replaceAll('""', '"')
  ).filter((entry) => entry !== "");
}

function listOf(entries: readonly string[]): string {
  return entries.length === 0 ? "''" : entries.map((entry) => quoted(entry)).join(", ");
}
