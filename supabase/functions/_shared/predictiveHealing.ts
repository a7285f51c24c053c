/**
 * Trouble seen before it comes: what a project needs and does not have, and what the catalogue of its database advises.
 *
 * {@link needsOf} reads migrations with Postgres' own parser and code with a parser of TypeScript, {@link checkNeeds}
 * holds the result against a database, {@link findAdvice} looks at the database itself. Nothing is changed by looking.
 * What could be mended by a known kind of fix becomes a proposal that waits for a person ({@link proposeFindings});
 * everything else is explained. Row level security is never turned off, no policy is invented, no right is widened.
 *
 * @module
 */

import type { SqlPort } from "./core/ports.ts";
import type { Finding } from "./predictiveHealing/finding.ts";
import type { CheckedNeed, CheckOptions } from "./predictiveHealing/check.ts";
import type { Need } from "./predictiveHealing/need.ts";
import type { MigrationFile, UnreadStatement } from "./predictiveHealing/scripts.ts";
import type { SourceFile } from "./predictiveHealing/sourceCalls.ts";

export type { CheckedNeed, CheckOptions, NeedState } from "./predictiveHealing/check.ts";
export type { Finding, FindingSeverity } from "./predictiveHealing/finding.ts";
export {
  nameOfNeed,
  type Need,
  type NeedKind,
  type NeedSubject,
  type Place,
} from "./predictiveHealing/need.ts";
export { type FindingsReport, proposeFindings } from "./predictiveHealing/propose.ts";

/** What a project is read from. */
export interface ProjectSources {
  /** In the order in which they run. */
  migrations?: readonly MigrationFile[];
  functions?: readonly SourceFile[];
  /** A description in plain language. */
  requirements?: string;
}

/** What a project needs, and what of it could not be read. */
export interface ProjectNeeds {
  needs: Need[];
  unread: UnreadStatement[];
}

/** Lists what a project needs, each thing once, where it is needed first. */
export async function needsOf(sources: ProjectSources): Promise<ProjectNeeds> {
  const { readNeeds } = await import("./predictiveHealing/readNeeds.ts");
  return await readNeeds(sources);
}

/** Says of each need whether it is there, and how that is known; reads the catalogue and changes nothing. */
export async function checkNeeds(
  db: SqlPort,
  needs: readonly Need[],
  options: CheckOptions = {},
): Promise<CheckedNeed[]> {
  const { checkAll } = await import("./predictiveHealing/check.ts");
  return await checkAll(db, needs, options);
}

/** Each missing need as a finding: with a fix where a kind of fix provides it, otherwise with words only. */
export async function findingsOf(needs: readonly CheckedNeed[]): Promise<Finding[]> {
  const { findingsOfNeeds } = await import("./predictiveHealing/needFindings.ts");
  return findingsOfNeeds(needs);
}

/** Looks at the catalogue for what is open, slow or about to break; changes nothing. */
export async function findAdvice(db: SqlPort): Promise<Finding[]> {
  const { adviseOnCatalogue } = await import("./predictiveHealing/advice.ts");
  return await adviseOnCatalogue(db);
}
