/** `reorder`: what a statement misses, and a later one makes, is made before it. @module */

import type { ScriptStatement } from "../../core/fixes.ts";
import { namesIn, type ParsedStatement, parseStatement, type SqlNode } from "../../core/sqlSyntax.ts";
import { lastName, refuse, type Transform } from "./transform.ts";

/** The transform `reorder`. */
export const reorder: Transform = {
  risk: "low",
  describe: (object) => `make ${object} before the statement that needs it`,
  changes: {},
  async rewrite({ script, parsed, object }) {
    const name = lastName(object);
    const makers: number[] = [];
    for (const [index, { text }] of script.statements.entries()) {
      if (index <= script.failedAt) continue;
      const later = await parseStatement(text);
      if (later !== null && (madeBy(later) ?? columnFor(parsed, later)) === name) makers.push(index);
    }
    const [maker] = makers;
    if (maker === undefined) return refuse(`no later statement of the migration makes ${name}`);
    if (makers.length > 1) return refuse(`several statements of the migration make ${name}`);
    const moving = script.statements[maker]!;
    if (moving.moved) return refuse(`the statements need each other: ${name} was moved already`);
    const between = script.statements.slice(script.failedAt, maker);
    const obstacle = await obstacleIn(between, name);
    if (obstacle !== null) {
      return refuse(`the statements cannot change places, as one between them ${obstacle}`);
    }
    const rest = script.statements.filter((_, index) => index !== maker);
    const statements = [
      ...rest.slice(0, script.failedAt),
      { ...moving, moved: true },
      ...rest.slice(script.failedAt),
    ];
    return {
      kind: "rewritten",
      statements,
      failedAt: script.failedAt + 1,
      what: `${name} is made before it is needed`,
    };
  },
};

/** What is made earlier must end as it would have: nothing between may drop it, or change role and path. */
async function obstacleIn(between: readonly ScriptStatement[], name: string): Promise<string | null> {
  for (const { text } of between) {
    const parsed = await parseStatement(text);
    if (parsed === null) return "cannot be parsed";
    if (parsed.kind === "VariableSetStmt") return "changes a setting";
    const drops = parsed.kind === "DropStmt" || parsed.kind === "RenameStmt" || parsed.kind === "DoStmt";
    if (drops && text.toLowerCase().includes(name.toLowerCase())) return `drops or renames ${name}`;
  }
  return null;
}

/** The name of what a statement makes, without its schema. */
export function madeBy({ kind, node }: ParsedStatement): string | null {
  switch (kind) {
    case "CreateStmt":
      return relname(node.relation);
    case "ViewStmt":
      return relname(node.view);
    case "CreateTableAsStmt":
      return relname((node.into as SqlNode).rel);
    case "CreateSeqStmt":
      return relname(node.sequence);
    case "CompositeTypeStmt":
      return relname(node.typevar);
    case "CreateEnumStmt":
    case "CreateRangeStmt":
      return namesIn(node.typeName).at(-1) ?? null;
    case "CreateDomainStmt":
      return namesIn(node.domainname).at(-1) ?? null;
    case "CreateFunctionStmt":
      return namesIn(node.funcname).at(-1) ?? null;
    case "CreateSchemaStmt":
      return typeof node.schemaname === "string" ? node.schemaname : null;
    case "CreateExtensionStmt":
      return typeof node.extname === "string" ? node.extname : null;
    default:
      return null;
  }
}

/** What only describes a table may wait for a column; what reads or changes rows would work on other rows with it. */
const DESCRIBES = new Set([
  "IndexStmt",
  "ViewStmt",
  "CommentStmt",
  "GrantStmt",
  "CreatePolicyStmt",
  "CreateTrigStmt",
  "AlterTableStmt",
]);

/** The column that a later statement adds, when it does nothing else and the one that failed may wait for it. */
function columnFor(failed: ParsedStatement | null, { kind, node }: ParsedStatement): string | null {
  if (failed === null || !DESCRIBES.has(failed.kind) || kind !== "AlterTableStmt") return null;
  const { cmds } = node;
  const [command, ...others] = (cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) =>
    AlterTableCmd
  );
  if (command?.subtype !== "AT_AddColumn" || others.length > 0) return null;
  const { colname } = (command.def as { ColumnDef: SqlNode }).ColumnDef;
  return typeof colname === "string" ? colname : null;
}

function relname(relation: unknown): string | null {
  return (relation as { relname?: string } | undefined)?.relname ?? null;
}
