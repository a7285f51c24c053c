/** How long the dashboard waits for an answer. @module */

import type { DirectConnection } from "../../../supabase/functions/_shared/postgres.ts";
import { quantileOf } from "../../lib/simulation.ts";

const ADMIN = JSON.stringify({ role: "authenticated", sub: "ada", app_metadata: { role: "admin" } });

/** Asks so many times as an admin; the 99th of a hundred times, in milliseconds. */
export async function askAsAdmin(
  connection: DirectConnection,
  question: string,
  times: number,
): Promise<number> {
  const tookMs: number[] = [];
  for (let round = 0; round < times; round++) {
    await connection.transaction(async (tx) => {
      await tx.query(
        "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
        [ADMIN],
      );
      const startedAt = performance.now();
      await tx.query(question);
      tookMs.push(performance.now() - startedAt);
    });
  }
  return quantileOf(tookMs, 0.99);
}
