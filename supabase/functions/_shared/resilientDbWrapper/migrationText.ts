/** The text of a migration that adds what writes were missing; nothing runs it. @module */

/** The file's text, or undefined when nothing is missing. The statements come from the database, which quotes the names. */
export function migrationText(table: string, statements: readonly string[]): string | undefined {
  if (statements.length === 0) return undefined;
  const lines = [...new Set(statements)];
  return [
    `-- Adds the columns that writes into ${
      table.replaceAll(/\s+/g, " ")
    } were missing, with the types that their values have.`,
    "-- Locks: access exclusive on the table, for a moment.",
    "-- Undo: drop the columns.",
    "",
    ...lines,
    "",
  ].join("\n");
}
