/** `cast_default`: a change of type takes the column's default along, in one statement. @module */

import { quoted } from "../../core/sqlNames.ts";
import { relationName, type SqlNode } from "../../core/sqlSyntax.ts";
import { type Failure, inScratch, putInPlace, refuse, type Rewriting, type Transform } from "./transform.ts";

/** The transform `cast_default`. */
export const castDefault: Transform = {
  risk: "medium",
  describe: (object) =>
    `drop the default of ${object}, change the type, and set the same default in the new type`,
  changes: { as: withoutDefaults },
  async rewrite(failure) {
    const { parsed, statement, object } = failure;
    if (parsed?.kind !== "AlterTableStmt") return refuse("the statement does not alter a table");
    const commands = commandsOf(parsed.node);
    const [command] = commands;
    if (commands.length !== 1 || command?.subtype !== "AT_AlterColumnType" || command.name !== object) {
      return refuse("it is not one change of type");
    }
    const from = /\balter\s+(?:column\s+)?(?:"(?:[^"]|"")*"|[\w$]+)\s+(?:set\s+data\s+)?type\b/i.exec(
      statement.text,
    )?.index;
    if (from === undefined) return refuse("the statement is written in an unknown way");
    const table = relationName(parsed.node.relation);
    const [row] = await failure.sql.query<{ expression: string | null }>(
      `select pg_catalog.pg_get_expr(d.adbin, d.adrelid) as expression from pg_catalog.pg_attrdef d
       join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
       where d.adrelid = to_regclass($1) and a.attname = $2`,
      [table, object],
    );
    const literal = /^'(?:[^']|'')*'(?=::[\w ]+$)/.exec(row?.expression ?? "")?.[0];
    if (literal === undefined) {
      return refuse("the default is no plain text: what it is in the new type is not known");
    }
    return await castIfValid(failure, literal, from);
  },
};

async function castIfValid(failure: Failure, literal: string, from: number): Promise<Rewriting> {
  const { sql, statement, object } = failure;
  const name = quoted(object);
  const text =
    `${statement.text.slice(0, from)}alter column ${name} drop default, ${statement.text.slice(from)}` +
    `, alter column ${name} set default ${literal}`;
  try {
    return await inScratch(sql, async () => {
      await sql.query(text);
      return putInPlace(failure, [text], `the default ${literal} has a meaning in the new type`);
    });
  } catch (error) {
    return refuse(
      `the default has none in the new type: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function commandsOf(node: SqlNode): SqlNode[] {
  return (node.cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) => AlterTableCmd);
}

/** The defaults of a column whose type changes in the same statement are left out of the comparison, and nothing else. */
function withoutDefaults(key: string, value: unknown): unknown {
  if (key !== "cmds" || !Array.isArray(value)) return value;
  const typed = new Set(
    (value as { AlterTableCmd: SqlNode }[]).flatMap(({ AlterTableCmd: { subtype, name } }) =>
      subtype === "AT_AlterColumnType" ? [name] : []
    ),
  );
  return (value as { AlterTableCmd: SqlNode }[]).filter(({ AlterTableCmd: { subtype, name } }) =>
    subtype !== "AT_ColumnDefault" || !typed.has(name)
  );
}
