/** `qualify_name`: writes the schema before a function, type or operator class that exists in exactly one. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted, quotedIfNeeded } from "../../core/sqlNames.ts";
import {
  eachNode,
  namesIn,
  type ParsedStatement,
  parseStatement,
  type SqlNode,
  unitsAt,
} from "../../core/sqlSyntax.ts";
import { refuse, type Splice, spliced, type Transform } from "./transform.ts";

/**
 * Where a name exists, by class, and whether people who are no admins could put something of theirs there. Schemas that
 * reach the network, the clock, secrets or this system are never meant by an unqualified name.
 */
const PLACES = `
  with found as (
    select 'function' as class, pronamespace as namespace from pg_catalog.pg_proc where proname = $1
    union select 'type', typnamespace from pg_catalog.pg_type where typname = $1
    union select 'class', opcnamespace from pg_catalog.pg_opclass where opcname = $1)
  select f.class, n.nspname::text as schema, exists (
    select from pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) as a
    left join pg_catalog.pg_roles r on r.oid = a.grantee
    where a.privilege_type = 'CREATE' and (a.grantee = 0 or r.rolname in ('anon', 'authenticated', 'authenticator'))) as is_open,
    n.nspname = any (current_schemas(true)) as is_on_path
  from found f join pg_catalog.pg_namespace n on n.oid = f.namespace
  where n.nspname !~ '^(?:pg_temp|pg_toast|healing_|supabase_|pgsodium|graphql)'
    and n.nspname not in ('net', 'cron', 'vault', 'realtime', 'storage', 'pgmq', 'information_schema')`;

interface Place {
  class: "function" | "type" | "class";
  schema: string;
  is_open: boolean;
  is_on_path: boolean;
}

/** The transform `qualify_name`. */
export const qualifyName: Transform = {
  risk: "low",
  describe: (object) => `name the schema in which ${object} exists`,
  changes: { qualified: ["funcname", "names", "opclass"] },
  async rewrite(failure) {
    const name = nameOf(failure.object);
    if (name === null) return refuse("the missing object has no plain name");
    const place = await onlyPlace(failure.sql, name);
    if (typeof place === "string") return refuse(place);
    const statements = await Promise.all(failure.script.statements.map(async (statement, index) => {
      // What ran already is left as it is, and so is what cannot be parsed.
      const parsed = index < failure.script.failedAt ? null : await parseStatement(statement.text);
      return parsed === null
        ? statement
        : { ...statement, text: qualified(parsed, name, place, statement.text) };
    }));
    if (statements[failure.script.failedAt]!.text === failure.statement.text) {
      return refuse(`the statement does not name ${name} itself: it stands in a body or a default`);
    }
    const what = `${name} exists only in schema ${place.schema}`;
    return { kind: "rewritten", statements, failedAt: failure.script.failedAt, what };
  },
};

function nameOf(object: string): string | null {
  return /^"?([A-Za-z_][\w$]{0,62})"?(?:\(|\[|$)/.exec(object)?.[1] ?? null;
}

async function onlyPlace(sql: SqlPort, name: string): Promise<Place | string> {
  const places = await sql.query<Place>(PLACES, [name]);
  const schemas = [...new Set(places.map(({ schema }) => schema))];
  const [place] = places;
  if (place === undefined) return `${name} exists in no schema`;
  if (places.some(({ is_on_path: isOnPath }) => isOnPath)) {
    return `${name} exists on the path, with other arguments or as something else`;
  }
  if (schemas.length > 1) return `${name} exists in ${schemas.join(" and ")}: which one is meant?`;
  if (place.is_open) {
    return `schema ${place.schema} takes objects from everybody, so its ${name} cannot be trusted`;
  }
  return place;
}

/** All unqualified uses of the name in a statement, with the schema before them. */
function qualified(parsed: ParsedStatement, name: string, place: Place, text: string): string {
  const splices = new Map<number, Splice>();
  const schema = `${quotedIfNeeded(place.schema)}.`;
  const addAt = (from: number) => {
    if (startsWithName(text, from, name)) splices.set(from, { from, to: from, text: schema });
  };
  const add = (list: unknown, location: unknown) => {
    if (namesIn(list).join(".") !== name || typeof location !== "number" || location < 0) return;
    addAt(unitsAt(text, location));
  };
  eachNode(parsed.node, "FuncCall", (node) => add(node.funcname, node.location));
  eachNode(parsed.node, "TypeName", (node) => add(node.names, node.location));
  eachNode(parsed.node, "typeName", (node) => add(node.names, node.location));
  if (parsed.kind === "CreateTrigStmt" && namesIn(parsed.node.funcname).join(".") === name) {
    const before = /\bexecute\s+(?:function|procedure)\s+/i.exec(text);
    // The parser does not say where the function of a trigger stands.
    if (before !== null) addAt(before.index + before[0].length);
  }
  eachNode(parsed.node, "IndexElem", (node) => addClass(node, name, text, place, splices));
  return spliced(text, [...splices.values()]);
}

/** The parser does not say where an operator class stands: only a single occurrence of its name is beyond doubt. */
function addClass(
  node: SqlNode,
  name: string,
  text: string,
  place: Place,
  splices: Map<number, Splice>,
): void {
  if (namesIn(node.opclass).join(".") !== name) return;
  const found = [
    ...text.matchAll(new RegExp(`(?<![\\w$."])${name.replaceAll("$", "\\$")}(?![\\w$"])`, "gi")),
  ];
  for (const { index } of found) {
    splices.set(index, { from: index, to: index, text: `${quotedIfNeeded(place.schema)}.` });
  }
}

function startsWithName(text: string, place: number, name: string): boolean {
  const written = text.slice(place, place + name.length + 2);
  return written.toLowerCase().startsWith(name.toLowerCase()) || written.startsWith(quoted(name));
}
