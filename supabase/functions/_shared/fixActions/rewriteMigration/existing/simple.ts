/** What exists already and is the same by its name or by a few facts: schemas, extensions, members of publications. @module */

import { quoted } from "../../../core/sqlNames.ts";
import { namesIn, relationName, type SqlNode } from "../../../core/sqlSyntax.ts";
import { type Failure, leaveOut, putInPlace, refuse, type Rewriting, spliced } from "../transform.ts";

/** A schema without contents of its own, and without another owner than the statement wants. */
export async function skipSchema(failure: Failure, node: SqlNode): Promise<Rewriting> {
  if (node.schemaElts !== undefined) return refuse("the statement makes objects inside the schema as well");
  const owner = (node.authrole as SqlNode | undefined)?.rolename;
  const name = String(node.schemaname ?? owner);
  const [found] = await failure.sql.query<{ owner: string }>(
    "select nspowner::regrole::text as owner from pg_catalog.pg_namespace where nspname = $1",
    [name],
  );
  if (found === undefined) return refuse(`there is no schema ${name}`);
  if (owner !== undefined && found.owner !== owner) return refuse(`schema ${name} belongs to ${found.owner}`);
  return leaveOut(failure, `schema ${name} exists already`);
}

/** An extension; where it lives stays as it is, because moving it would break what uses it. */
export async function skipExtension(failure: Failure, node: SqlNode): Promise<Rewriting> {
  const name = String(node.extname);
  const [found] = await failure.sql.query<{ schema: string; version: string }>(
    "select extnamespace::regnamespace::text as schema, extversion as version from pg_catalog.pg_extension where extname = $1",
    [name],
  );
  if (found === undefined) return refuse(`extension ${name} is not installed`);
  const wanted = optionOf(node.options, "new_version");
  if (wanted !== undefined && wanted !== found.version) {
    return refuse(`extension ${name} is installed in version ${found.version}, not ${wanted}`);
  }
  return leaveOut(failure, `extension ${name} is installed already, in schema ${found.schema}`);
}

function optionOf(options: unknown, name: string): string | undefined {
  const found = (options as { DefElem: SqlNode }[] | undefined)?.find(({ DefElem }) =>
    DefElem.defname === name
  );
  return (found?.DefElem.arg as { String?: { sval: string } } | undefined)?.String?.sval;
}

/** Tables that a publication has already. */
export async function skipMembers(failure: Failure, node: SqlNode): Promise<Rewriting> {
  const publication = String(node.pubname);
  const objects = (node.pubobjects ?? []) as { PublicationObjSpec: SqlNode }[];
  if (node.action === "AP_DropObjects") return await skipAbsentMembers(failure, node);
  if (node.action !== "AP_AddObjects") return refuse("only the adding of tables can be left out");
  const left: string[] = [];
  for (const { PublicationObjSpec: object } of objects) {
    const table = object.pubtable as SqlNode | undefined;
    if (table === undefined || table.whereClause !== undefined || table.columns !== undefined) {
      return refuse("the statement chooses rows, columns or whole schemas");
    }
    const relation = relationName(table.relation);
    if (!await isMember(failure, publication, relation)) left.push(relation);
  }
  const what = `the tables are members of publication ${publication} already`;
  if (left.length === 0) return leaveOut(failure, what);
  if (left.length === objects.length) return refuse(`no table is a member of ${publication}`);
  return refuse(
    `${left.join(", ")} ${left.length === 1 ? "is" : "are"} no member yet: name only that in the statement`,
  );
}

/** A publication that has every table that the statement names. */
export async function skipPublication(failure: Failure, node: SqlNode): Promise<Rewriting> {
  const publication = String(node.pubname);
  const [found] = await failure.sql.query<{ all: boolean }>(
    'select puballtables as "all" from pg_catalog.pg_publication where pubname = $1',
    [publication],
  );
  if (found === undefined) return refuse(`there is no publication ${publication}`);
  if (node.options !== undefined || found.all !== (node.for_all_tables === true)) {
    return refuse(`publication ${publication} exists with other options`);
  }
  for (const { PublicationObjSpec: object } of (node.pubobjects ?? []) as { PublicationObjSpec: SqlNode }[]) {
    const table = object.pubtable as SqlNode | undefined;
    const isPlain = table !== undefined && table.whereClause === undefined && table.columns === undefined;
    if (!isPlain || !await isMember(failure, publication, relationName(table.relation))) {
      return refuse(`publication ${publication} exists without all that the statement names`);
    }
  }
  return leaveOut(failure, `publication ${publication} exists already`);
}

/** Tables that are taken out of a publication and are not in it. */
async function skipAbsentMembers(failure: Failure, node: SqlNode): Promise<Rewriting> {
  const objects = (node.pubobjects ?? []) as { PublicationObjSpec: SqlNode }[];
  const tables = objects.map(({ PublicationObjSpec: object }) =>
    (object.pubtable as SqlNode | undefined)?.relation
  );
  const found = await failure.sql.query(
    `select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
     where p.pubname = $1 and r.prrelid in (select to_regclass(t)::oid from unnest($2::text[]) as t)`,
    [node.pubname, tables.flatMap((table) => table === undefined ? [] : [relationName(table)])],
  );
  return found.length === 0 && tables.every((table) => table !== undefined)
    ? leaveOut(failure, "the tables are no members already")
    : refuse("some of the tables are members: name only these in the statement");
}

async function isMember({ sql }: Failure, publication: string, relation: string): Promise<boolean> {
  const found = await sql.query(
    `select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
     where p.pubname = $1 and r.prrelid = to_regclass($2) and r.prqual is null and r.prattrs is null`,
    [publication, relation],
  );
  return found.length === 1;
}

/** A label of an enum; where a place among the others is wanted, it has to be that place. */
export async function skipLabel(failure: Failure, node: SqlNode): Promise<Rewriting> {
  const { newVal, oldVal, newValNeighbor } = node as Record<string, string | undefined>;
  if (oldVal !== undefined) {
    return refuse(`label ${newVal} exists, and so may ${oldVal}: which one is right?`);
  }
  if (newValNeighbor !== undefined && !await isBeside(failure, node)) {
    return refuse(`label ${newVal} exists in another place of the order`);
  }
  const place = /^alter\s+type\s+[\s\S]*?\badd\s+value\s+/i.exec(failure.statement.text)?.[0].length;
  if (place === undefined) return refuse("the statement is written in an unknown way");
  const text = spliced(failure.statement.text, [{ from: place, to: place, text: "if not exists " }]);
  return putInPlace(failure, [text], `label ${newVal} exists already`);
}

async function isBeside({ sql }: Failure, node: SqlNode): Promise<boolean> {
  const step = node.newValIsAfter ? 1 : -1;
  const rows = await sql.query<{ enumlabel: string }>(
    "select enumlabel from pg_catalog.pg_enum where enumtypid = to_regtype($1) order by enumsortorder",
    [quoted(...namesIn(node.typeName))],
  );
  const labels = rows.map(({ enumlabel }) => enumlabel);
  return labels[labels.indexOf(String(node.newValNeighbor)) + step] === node.newVal;
}

/** A second primary key over the same columns. */
export async function skipPrimaryKey(
  failure: Failure,
  relation: unknown,
  keys: unknown,
): Promise<Rewriting> {
  const [found] = await failure.sql.query<{ columns: string[] }>(
    `select array_agg(a.attname::text order by k.place) as columns from pg_catalog.pg_constraint c
     cross join unnest(c.conkey) with ordinality as k (number, place)
     join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
     where c.conrelid = to_regclass($1) and c.contype = 'p'`,
    [relationName(relation)],
  );
  const [existing, wanted] = [found?.columns ?? [], namesIn(keys)];
  return existing.join("\n") === wanted.join("\n")
    ? leaveOut(failure, `the primary key over ${wanted.join(", ")} exists already`)
    : refuse(`the primary key is over ${existing.join(", ")}, not ${wanted.join(", ")}`);
}

/** What a role may do that is made without options. */
const PLAIN_ROLE = `
  select from pg_catalog.pg_roles where rolname = $1
    and not (rolsuper or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication or rolbypassrls)`;

/** A role without options of its own, where one exists that may do no more. */
export async function skipRole(
  failure: Failure,
  { role, stmt_type: type, options }: SqlNode,
): Promise<Rewriting> {
  const isPlain = options === undefined && type === "ROLESTMT_ROLE";
  if (!isPlain) return refuse(`the options of role ${role} are for a person to compare`);
  const found = await failure.sql.query(PLAIN_ROLE, [role]);
  return found.length === 1
    ? leaveOut(failure, `role ${role} exists already, without any right of its own`)
    : refuse(`role ${role} exists and may do more than the statement says`);
}
