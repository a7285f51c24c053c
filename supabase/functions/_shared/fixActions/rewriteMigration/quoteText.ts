/** `quote_text`: a text that was written in double quotes, among the values of an insert, gets single ones. @module */

import { eachNode, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import { putInPlace, refuse, type Splice, spliced, type Transform } from "./transform.ts";

/** The transform `quote_text`. */
export const quoteText: Transform = {
  risk: "medium",
  describe: (object) => `write ${object} as a text, in single quotes`,
  changes: { as: asText },
  rewrite(failure) {
    const { parsed, statement } = failure;
    const lists = (parsed?.node.selectStmt as { SelectStmt?: SqlNode } | undefined)?.SelectStmt?.valuesLists;
    // Among values no column is in reach, so a name there can only be meant as a text.
    if (parsed?.kind !== "InsertStmt" || lists === undefined) {
      return Promise.resolve(refuse("the name does not stand among the values of an insert"));
    }
    const splices: Splice[] = [];
    eachNode(lists, "ColumnRef", ({ fields, location }) => {
      const from = unitsAt(statement.text, Number(location));
      const written = /^"((?:[^"]|"")*)"/.exec(statement.text.slice(from));
      if ((fields as unknown[]).length !== 1 || written === null) return;
      const text = `'${written[1]!.replaceAll('""', '"').replaceAll("'", "''")}'`;
      splices.push({ from, to: from + written[0].length, text });
    });
    return Promise.resolve(
      splices.length === 0
        ? refuse("no name in double quotes stands among the values")
        : putInPlace(failure, [spliced(statement.text, splices)], "a text stands in single quotes"),
    );
  },
};

/** A name of one part reads as the text of the same letters. */
function asText(_key: string, value: unknown): unknown {
  const fields = (value as { ColumnRef?: { fields?: { String?: { sval?: string } }[] } } | null)?.ColumnRef
    ?.fields;
  return fields?.length === 1 && fields[0]!.String !== undefined
    ? { A_Const: { sval: { sval: fields[0]!.String.sval } } }
    : value;
}
