/** What the statement that failed says of its place, where the error does not say it. @module */

import type { FailedScript } from "../core/fixes.ts";
import { parseStatement, type SqlNode } from "../core/sqlSyntax.ts";

/** The table and the columns of an upsert, for an error that names neither. */
export interface StatementPlace {
  table: string;
  operation: "write";
  conflict: string[];
}

/** Reads the failed statement when its error is about `on conflict`; undefined for any other. */
export async function placeOfFailure(
  error: unknown,
  script: FailedScript,
): Promise<StatementPlace | undefined> {
  if ((error as { code?: unknown } | null)?.code !== "42P10") return undefined;
  const parsed = await parseStatement(script.statements[script.failedAt]?.text ?? "");
  if (parsed?.kind !== "InsertStmt") return undefined;
  const clause = parsed.node.onConflictClause as { infer?: SqlNode } | undefined;
  const elements = (clause?.infer?.indexElems ?? []) as { IndexElem: { name?: string } }[];
  const names = elements.flatMap(({ IndexElem: { name } }) => name ?? []);
  // A key with a condition or an expression is another index than one over its columns.
  if (names.length === 0 || names.length < elements.length || clause?.infer?.whereClause !== undefined) {
    return undefined;
  }
  const { schemaname, relname } = parsed.node.relation as { schemaname?: string; relname: string };
  return {
    table: schemaname === undefined ? relname : `${schemaname}.${relname}`,
    operation: "write",
    conflict: names,
  };
}
