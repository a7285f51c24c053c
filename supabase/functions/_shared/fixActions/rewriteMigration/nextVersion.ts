/** `next_version`: a migration whose version another one has is recorded under the next free one. @module */

import { relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import { type Failure, putInPlace, refuse, type Rewriting, spliced, type Transform } from "./transform.ts";

const HISTORY = "supabase_migrations.schema_migrations";

/** The transform `next_version`. */
export const nextVersion: Transform = {
  risk: "medium",
  describe: () =>
    "record the migration under the next free version, after every one that was applied; the file is to be renamed so",
  changes: {
    as: (key, value) =>
      key === "sval" && typeof value === "string" && /^\d{3,14}$/.test(value) ? "version" : value,
  },
  async rewrite(failure) {
    const { parsed, statement } = failure;
    if (parsed?.kind !== "InsertStmt" || relationName(parsed.node.relation).replaceAll('"', "") !== HISTORY) {
      return refuse("the statement does not record a migration");
    }
    const constant = versionIn(parsed.node);
    if (constant === null) return refuse("the version does not stand in the statement");
    const free = await freeVersion(failure, constant.version);
    if (typeof free !== "string") return free;
    const from = unitsAt(statement.text, constant.location);
    const written = `'${constant.version}'`;
    if (!statement.text.startsWith(written, from)) {
      return refuse("the place of the version is not beyond doubt");
    }
    const text = spliced(statement.text, [{ from, to: from + written.length, text: `'${free}'` }]);
    return putInPlace(
      failure,
      [text],
      `${free} is free; rename the file from ${constant.version} to ${free}`,
    );
  },
};

/** The value for the column `version`, which is the first where the statement names no columns. */
function versionIn(node: SqlNode): { version: string; location: number } | null {
  const lists = (node.selectStmt as { SelectStmt?: SqlNode } | undefined)?.SelectStmt?.valuesLists as
    | { List: { items: SqlNode[] } }[]
    | undefined;
  if (lists?.length !== 1) return null;
  const names = (node.cols as { ResTarget: { name: string } }[] | undefined)?.map(({ ResTarget }) =>
    ResTarget.name
  );
  const place = names === undefined ? 0 : names.indexOf("version");
  const constant = lists[0]!.List.items[place]?.A_Const as
    | { sval?: { sval?: string }; location?: number }
    | undefined;
  const version = constant?.sval?.sval;
  return version !== undefined && /^\d{3,14}$/.test(version)
    ? { version, location: constant?.location ?? 0 }
    : null;
}

/** The version after the last one, written as long as it; a name that both have is a second run of one file. */
async function freeVersion({ sql, statement }: Failure, version: string): Promise<string | Rewriting> {
  const [row] = await sql.query<{ last: string; name: string | null; statements: string | null }>(
    `select max(version) as last, (select to_jsonb(m) ->> 'name' from ${HISTORY} m where version = $1) as name,
       (select to_jsonb(m) ->> 'statements' from ${HISTORY} m where version = $1) as statements from ${HISTORY}`,
    [version],
  );
  const { last, name } = row!;
  if (name !== null && statement.text.includes(`'${name}'`)) {
    return refuse(`the version is recorded under the same name ${name}: the migration has run already`);
  }
  if (!/^\d+$/.test(last) || last.length !== version.length) {
    return refuse(`the last version ${last} is of another form`);
  }
  if (last.length === 14) {
    const [year, month, day, hour, minute, second] =
      (/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(last) ?? []).slice(1)
        .map(Number) as [number, number, number, number, number, number];
    const next = new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1));
    return next.toISOString().replace(/\D/g, "").slice(0, 14);
  }
  const next = String(Number(last) + 1).padStart(last.length, "0");
  return next.length === last.length ? next : refuse(`no version is free after ${last}`);
}
