/** Whether three failures of one kind really make a regression test. @module */

import { broken, type Examination, type Finding, type Patient, well } from "./examination.ts";

// As the original documents ask it.
const TRIGGER = "select tgenabled from pg_trigger where tgname = 'auto_generate_test_from_failure'";

/** Looks for the trigger, and fires it three times in a transaction that is taken back. */
export const testTrigger: Examination = {
  name: "Test trigger, live",
  look: async (patient) => {
    const [trigger] = await patient.sql<{ tgenabled: string }>(TRIGGER);
    if (trigger === undefined) return [broken("the trigger is not there", "npx supabase db push")];
    if (trigger.tgenabled === "D") {
      return [
        broken(
          "the trigger is switched off",
          "alter table generation_failures enable trigger auto_generate_test_from_failure;",
        ),
      ];
    }
    return [await fire(patient)];
  },
};

function fire({ rehearse }: Patient): Promise<Finding> {
  return rehearse(async (sql) => {
    const kind = `doctor_${crypto.randomUUID()}`;
    await sql(
      "insert into public.generation_failures (error_type, error_message) select $1, 'the doctor' from generate_series(1, 3)",
      [kind],
    );
    const tests = await sql("select from public.auto_generated_tests where error_type = $1", [kind]);
    return tests.length === 1 ? well("three failures made one test; all of it was taken back") : broken(
      `three failures made ${tests.length} tests`,
      "select make_missing_tests(); its error says why.",
    );
  });
}
