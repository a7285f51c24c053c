/**
 * Advice on what the migrations built, in the spirit of the platform's own advisors: each rule is a query over
 * the catalogue that returns what is wrong. They run without the platform's tools, in every `deno task gates`;
 * `.ci/run` asks the platform's advisors as well.
 *
 * @module
 */

import type { Gate, Rows } from "../lib/gate.ts";
import type { Advisor } from "./advisors/advisor.ts";
import { ACCESS_ADVISORS } from "./advisors/access.ts";
import { POLICY_ADVISORS } from "./advisors/policies.ts";
import { STRUCTURE_ADVISORS } from "./advisors/structure.ts";

/** All rules. */
export const ADVISORS: readonly Advisor[] = [...STRUCTURE_ADVISORS, ...POLICY_ADVISORS, ...ACCESS_ADVISORS];

/** The gate. */
export const advisorsGate: Gate = {
  name: "advisors",
  run: async (context) => (await Promise.all(ADVISORS.map((advisor) => ask(advisor, context.rows)))).flat(),
};

async function ask(advisor: Advisor, rows: Rows): Promise<string[]> {
  const found = await rows<{ object: string }>(`${advisor.sql} order by 1`);
  return found.map(({ object }) => `${object} ${advisor.advice} (${advisor.key})`);
}
