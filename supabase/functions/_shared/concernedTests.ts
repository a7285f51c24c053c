/** The regression tests that concern a fix, for the engine: it keeps no fix that breaks what worked. @module */

import { HealingError } from "./core/errors.ts";
import type { RpcPort } from "./core/ports.ts";
import { type ConcernedTests, getFixTests, goOnWithTests } from "./engineDb.ts";

/**
 * Reads how the tests of a fix came out. Those that have not run for it are called for, in a run of their own, and the
 * call rejects: the verdict waits until they have.
 */
export function createTestGate(
  db: RpcPort,
): { runConcerned(fix: { fixId: string }): Promise<ConcernedTests> } {
  return {
    async runConcerned({ fixId }) {
      const { waiting, ...tests } = await getFixTests(db, fixId);
      if (waiting === 0) return tests;
      await goOnWithTests(db, fixId);
      throw new HealingError("UNAVAILABLE", `${waiting} tests that concern it run now`);
    },
  };
}
