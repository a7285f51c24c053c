/** Reads a migration as a list of statements, and says which settings a later one finds. @module */

import { HealingError } from "../core/errors.ts";
import type { ScriptStatement } from "../core/fixes.ts";
import { splitStatements, type SqlStatement } from "../sqlStatements.ts";

const BEGIN = /^(?:begin(?:\s+(?:work|transaction))?|start\s+transaction)$/i;
const COMMIT = /^(?:commit|end)(?:\s+(?:work|transaction))?$/i;
const TRANSACTION_COMMAND =
  /^(begin|commit|rollback|abort|end|start\s+transaction|savepoint|release|prepare\s+transaction)\b/i;

/**
 * The statements of a migration. Pairs of `begin` and `commit` are taken out, because all of it is one transaction
 * anyway; any other transaction command would end the transaction that makes it all or nothing, and is refused.
 */
export function readScript(migration: string): ScriptStatement[] {
  const statements = withoutPairs(splitStatements(migration));
  const command = statements.find(({ text }) => TRANSACTION_COMMAND.test(text));
  if (command !== undefined) {
    throw new HealingError("BAD_REQUEST", `The migration has a transaction command on line ${command.line}`, {
      hint: "Take it out: the migration is run in one transaction anyway",
    });
  }
  return statements.map(({ text }) => ({ text }));
}

function withoutPairs(statements: readonly SqlStatement[]): readonly SqlStatement[] {
  const paired = new Set<SqlStatement>();
  let open: SqlStatement | null = null;
  for (const statement of statements) {
    if (BEGIN.test(statement.text)) {
      // A begin inside of another one only warns; whoever wrote it meant something else.
      if (open !== null) return statements;
      open = statement;
    } else if (COMMIT.test(statement.text)) {
      if (open === null) return statements;
      paired.add(open).add(statement);
      open = null;
    }
  }
  return open === null ? statements.filter((statement) => !paired.has(statement)) : statements;
}

const SETTING = /^(?:set\s+(?!local\b|constraints\b|transaction\b)|reset\s)/i;

/** The settings that the statements before a place have made. */
export function settingsBefore(statements: readonly ScriptStatement[], index: number): string[] {
  return statements.slice(0, index).map(({ text }) => text).filter((text) => SETTING.test(text));
}
