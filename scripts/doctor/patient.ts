/** How a project is reached that the doctor examines. @module */

import type { DirectConnection } from "../../supabase/functions/_shared/postgres.ts";
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
const POLL_MS = 500;

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
      return poll(look, waitSeconds);
    },
  };
}

async function poll<Result>(
  look: () => Promise<Result | undefined>,
  seconds: number,
): Promise<Result | undefined> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined || performance.now() - startedAt >= seconds * 1_000) return seen;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
