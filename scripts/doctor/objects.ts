/** Whether the objects, rights and policies are as the migrations made them. @module */

import { readSchema } from "../lib/schemaDump.ts";
import { broken, type Examination, type Finding, notice, type Patient, some, well } from "./examination.ts";

/** A line that says who may do what. */
const ACCESS = /^(grant|policy|row level security|runs with)/;

/** Compares the schema with what was written down of it. */
export const objects: Examination = {
  name: "Tables, functions and rights",
  look: async (patient) => {
    const found = await readProject(patient);
    const { schema } = patient.reference;
    const missing = [...schema.keys()].filter((heading) => !found.has(heading));
    const changed = [...schema].flatMap(([heading, lines]) => {
      const now = found.get(heading);
      return now === undefined ? [] : judgeObject(heading, lines, now);
    });
    const absent = missing.length === 0
      ? []
      : [broken(`${missing.length} are missing: ${some(missing)}`, "npx supabase db push")];
    const findings = [...absent, ...changed];
    return findings.length > 0 ? findings : [well(`all ${schema.size} are as they were made`)];
  },
};

function readProject({ rehearse }: Patient): Promise<Map<string, string[]>> {
  return rehearse(async (sql) => {
    await sql("set local search_path = ''");
    return await readSchema((text) => sql(text));
  });
}

function judgeObject(heading: string, wanted: readonly string[], now: readonly string[]): Finding[] {
  const gone = wanted.filter((line) => !now.includes(line));
  const added = now.filter((line) => !wanted.includes(line));
  if (gone.length + added.length === 0) return [];
  const words = [...gone.map((line) => `without "${line}"`), ...added.map((line) => `with "${line}"`)];
  const says = `${heading}: ${some(words, 3)}`;
  return [...gone, ...added].some((line) => ACCESS.test(line))
    ? [broken(says, "Who may do what was changed by hand: run the migration that makes it again.")]
    : [notice(says, "It was changed by hand; an update of ours may meet that.")];
}
