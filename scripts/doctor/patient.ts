/** How a project is reached that the doctor examines. @module */

import type { DirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { lookUntil } from "../lib/lookUntil.ts";
import type { OnProgress } from "../stack/progress.ts";
import type { Patient } from "./examination.ts";
import { readReference } from "./reference.ts";

/** How to reach it, and how long to wait. */
export interface AdmissionOptions {
  /** Where its functions answer; without it they are not called. */
  apiUrl?: string | undefined;
  /** The longest wait for something to happen. */
  waitSeconds: number;
  progress: OnProgress;
}

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");
const LOOK_EVERY_MS = 500;

/** Makes a project's database and address ready to be looked at. */
export async function admit(
  connection: DirectConnection,
  { apiUrl, waitSeconds, progress }: AdmissionOptions,
): Promise<Patient> {
  return {
    sql: (text, values) => connection.transaction((tx) => tx.query(text, values)),
    rehearse: (work) =>
      connection.transaction((tx) => work((text, values) => tx.query(text, values)), { rollback: true }),
    apiUrl,
    reference: await readReference(ROOT),
    progress,
    waitFor: (label, look) => {
      progress(label);
      return lookUntil(look, { timeoutMs: waitSeconds * 1_000, everyMs: LOOK_EVERY_MS });
    },
  };
}
