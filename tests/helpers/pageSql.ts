/** The SQL that a page of the documentation shows. @module */

/** Each block as it stands. */
export function sqlBlocks(page: string): string[] {
  return [...page.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, block]) => block!.trim());
}

/** Each statement of each block. */
export function sqlStatements(page: string): string[] {
  return sqlBlocks(page).flatMap((block) => `${block}\n`.split(/;\n/)).map((sql) => sql.trim())
    .filter((sql) => sql !== "");
}
