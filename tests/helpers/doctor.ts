/** A project for the doctor's examinations. @module */

import type { Finding, Patient } from "../../scripts/doctor/examination.ts";
import { admit } from "../../scripts/doctor/patient.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** A project with all of this, and what the doctor may use of it. */
export async function openPatient(): Promise<{ database: TestDatabase; patient: Patient } & AsyncDisposable> {
  const database = await createTestDatabase();
  const connection = await openDirectConnection(database.url);
  const patient = await admit(connection, { waitSeconds: 0, progress: () => {} });
  return {
    database,
    patient,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** What is broken, in words. */
export function bad(findings: readonly Finding[]): string[] {
  return findings.filter(({ state }) => state === "broken").map(({ says }) => says);
}
