/** Whether a call on the way that schedules take comes to a function and its run ends. @module */

import { broken, type Examination, type Finding, type Patient, well } from "./examination.ts";

/** The function that is called: it looks and changes nothing but what it has seen. */
const CALLED = "health-check";

interface Run {
  status: string;
  reason: string | null;
  seconds: number;
  answer: number | null;
  trouble: string | null;
}

const RUN = `
  select r.status, r.reason, extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.dispatched_at)::float8 as seconds,
    a.status_code as answer, a.error_msg as trouble
  from public.healing_runs as r left join net._http_response as a on a.id = r.net_request_id where r.id = $1`;

/** Dispatches a run as cron does, and waits for its end. */
export const liveRun: Examination = {
  name: "A scheduled call, live",
  look: async (patient) => {
    const [sent] = await patient.sql<{ id: string }>(
      "select public.dispatch_function($1, 'manual') as id",
      [CALLED],
    );
    const run = await patient.waitFor(`waiting for ${CALLED} to end`, () => ended(patient, sent!.id));
    return [judge(run ?? (await patient.sql<Run>(RUN, [sent!.id]))[0]!)];
  },
};

async function ended({ sql }: Patient, id: string): Promise<Run | undefined> {
  const [run] = await sql<Run>(RUN, [id]);
  // An answer that is no success ends the wait: nothing of ours will finish the row.
  const isOver = !["dispatched", "started"].includes(run!.status) || (run!.answer ?? 200) >= 300 ||
    run!.trouble !== null;
  return isOver ? run : undefined;
}

function judge({ status, reason, seconds, answer, trouble }: Run): Finding {
  if (status === "finished") {
    return well(`${CALLED} was called through pg_net and finished its run in ${seconds.toFixed(1)} s`);
  }
  if (reason?.startsWith("not sent")) return broken(`the call was ${reason}`, "Mend what Vault says above.");
  if (answer === 401 || answer === 403) {
    return broken(
      `${CALLED} refused the schedule's key with ${answer}`,
      "npx supabase secrets set CRON_SECRET=<the value of Vault's cron_secret_key>",
    );
  }
  if (answer === 404) return broken(`${CALLED} is not deployed`, `npx supabase functions deploy ${CALLED}`);
  if (trouble !== null) return broken(`nothing answered: ${trouble}`, "Check Vault's project_url.");
  const what = answer === null ? "no answer came" : `the answer was ${answer}`;
  return broken(
    `the run is ${status} after ${seconds.toFixed(0)} s${reason === null ? "" : ` (${reason})`}; ${what}`,
    "Read the function's log in the project's dashboard.",
  );
}
