/** Indexes that are looked up for every row: of foreign keys, and of columns that policies compare with the caller. @module */

import { eachNode, namesIn, type SqlNode } from "../../core/sqlSyntax.ts";
import { type Need, qualified } from "../need.ts";
import type { ModelTable } from "../schemaModel.ts";
import { callsIn } from "../scripts.ts";
import type { ProjectRead } from "./context.ts";
import { columnOf } from "./storage.ts";

/** The needs for indexes. */
export function indexNeeds({ model }: ProjectRead): Need[] {
  return [...model.tables.values()].flatMap((table) => [
    ...table.foreignKeys.map(({ columns, target, place }) =>
      indexNeed(
        table,
        columns,
        place,
        `each delete or change in ${qualified(target)} looks for its rows in ${table.name} by ${
          columns.join(", ")
        }`,
      )
    ),
    ...table.policies.flatMap(({ clauses, place, name }) =>
      clauses.flatMap(comparedColumns).filter((column) => table.columns.has(column)).map((column) =>
        indexNeed(
          table,
          [column],
          place,
          `the policy ${name} compares ${column} with the caller for every row`,
        )
      )
    ),
  ]);
}

function indexNeed(table: ModelTable, columns: string[], place: Need["place"], why: string): Need {
  return {
    subject: { kind: "index", schema: table.schema, name: table.name, columns },
    place,
    why,
    satisfy: `create index on ${qualified(table)} (${columns.join(", ")})`,
    ...(isIndexed(table, columns) ? { madeAt: table.place } : {}),
    certainty: "sure",
  };
}

/** An index serves when it begins with these columns, in whatever order. */
function isIndexed({ indexes, primaryKey }: ModelTable, columns: readonly string[]): boolean {
  return [primaryKey, ...indexes].some((index) => {
    const first = index.slice(0, columns.length);
    return columns.every((column) => first.includes(column));
  });
}

/** The columns that a condition holds against who is calling: `user_id = auth.uid()`. */
export function comparedColumns(clause: unknown): string[] {
  const columns: string[] = [];
  eachNode(clause, "A_Expr", (node: SqlNode) => {
    if (namesIn(node.name)[0] !== "=") return;
    for (const [one, other] of [[node.lexpr, node.rexpr], [node.rexpr, node.lexpr]]) {
      const column = columnOf(one);
      if (column !== null && callsIn(other).some(({ schema }) => schema === "auth")) columns.push(column);
    }
  });
  return columns;
}
