/** What the doctor looks at, and what it says about it. @module */

import type { SqlPort } from "../../supabase/functions/_shared/core/ports.ts";
import type { OnProgress } from "../stack/progress.ts";
import type { Reference } from "./reference.ts";

/** One sentence of the doctor's, and what to do about it. */
export interface Finding {
  /** `unknown`: it could not be looked at, which is never good news. */
  state: "well" | "notice" | "broken" | "unknown";
  says: string;
  /** The next command to type, or the next thing to do. */
  next?: string;
}

/** What an examination may use. */
export interface Patient {
  /** The project's database; each call is one transaction of its own. */
  sql: SqlPort["query"];
  /** The same in a transaction that is taken back. */
  rehearse<Result>(work: (sql: SqlPort["query"]) => Promise<Result>): Promise<Result>;
  /** Where its functions answer, such as `https://ref.supabase.co`; undefined when nobody knows. */
  apiUrl: string | undefined;
  /** What this version of ours should have made of the database. */
  reference: Reference;
  /** Says that something takes long. */
  progress: OnProgress;
  /** Waits until a look says something; undefined when the time is over. */
  waitFor<Result>(label: string, look: () => Promise<Result | undefined>): Promise<Result | undefined>;
}

/** One thing that is looked at. */
export interface Examination {
  /** What is looked at, as a heading. */
  name: string;
  look(patient: Patient): Promise<Finding[]>;
}

/** All is well. */
export function well(says: string): Finding {
  return { state: "well", says };
}

/** It works, and somebody should know. */
export function notice(says: string, next?: string): Finding {
  return { state: "notice", says, ...(next === undefined ? {} : { next }) };
}

/** It does not work. */
export function broken(says: string, next: string): Finding {
  return { state: "broken", says, next };
}

/** It could not be looked at. */
export function unknown(says: string, next?: string): Finding {
  return { state: "unknown", says, ...(next === undefined ? {} : { next }) };
}

/** The first few of many, in one line. */
export function some(all: readonly string[], most = 5): string {
  const shown = all.slice(0, most).join(", ");
  return all.length > most ? `${shown} and ${all.length - most} more` : shown;
}
