/** What is wrong, or will be, with what mends it and what shows that it is mended. @module */

import type { ActionDraft } from "../core/fixes.ts";

/** How much it matters. */
export type FindingSeverity = "low" | "medium" | "high";

/** One finding. */
export interface Finding {
  /** The rule, such as `foreign_key_unindexed`. */
  code: string;
  severity: FindingSeverity;
  /** What it is about, as the catalogue names it; one rule finds one object once. */
  object: string;
  /** What is wrong and what it means, one or two sentences. */
  message: string;
  /** A fix of a known kind; null where only a person can decide. */
  fix: ActionDraft | null;
  /** What a person may do. */
  advice: string;
  /** The statement of the advice, where it can be written down; never run from here. */
  sql?: string;
  /** A query that answers with no row once it is mended; null where no query can tell. */
  probe: string | null;
  /** Where the need for it stands in the project. */
  place?: string;
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  const plain = `'${text.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return text.includes("\\") ? ` E${plain}` : plain;
}
