/** What the advisors say of the whole database, ours and the project's own. @module */

import { ADVISORS } from "../gates/advisors.ts";
import { type Examination, type Finding, notice, type Patient, some, well } from "./examination.ts";

/** Asks each advisor; one that cannot be asked fails nothing. */
export const advice: Examination = {
  name: "Advisors",
  look: async (patient) => {
    const findings: Finding[] = [];
    for (const advisor of ADVISORS) {
      const objects = await objectsOf(patient, advisor.sql);
      if (objects.length > 0) findings.push(notice(`${some(objects)} ${advisor.advice} (${advisor.key})`));
    }
    return findings.length > 0 ? findings : [well(`all ${ADVISORS.length} rules pass`)];
  },
};

function objectsOf({ rehearse }: Patient, query: string): Promise<string[]> {
  return rehearse(async (sql) => {
    await sql("set local search_path = ''");
    return (await sql<{ object: string }>(`${query} order by 1`)).map(({ object }) => object);
  });
}
