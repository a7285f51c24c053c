/** Whether pg_cron has our jobs, and really runs them. @module */

import { broken, type Examination, type Finding, notice, type Patient, some, well } from "./examination.ts";

interface Job {
  name: string;
  schedule: string;
  active: boolean;
  status: string | null;
  message: string | null;
  age_seconds: number | null;
}

const JOBS = `
  select j.jobname as name, j.schedule, j.active, last.status, last.return_message as message,
    extract(epoch from clock_timestamp() - last.start_time)::float8 as age_seconds
  from cron.job as j
  left join lateral (select status, return_message, start_time from cron.job_run_details as d
    where d.jobid = j.jobid and d.start_time is not null order by d.start_time desc limit 1) as last on true
  where j.jobname like 'healing\\_%'`;

const EVERY_MINUTE = "* * * * *";
/** A job of every minute that did not run for so long does not run. */
const SILENT_SECONDS = 150;

/** Compares the jobs with those that should be there, and waits for one of them to run. */
export const schedules: Examination = {
  name: "Schedules",
  look: async (patient) => {
    const { sql, reference } = patient;
    const [cron] = await sql<{ here: boolean }>("select to_regclass('cron.job') is not null as here");
    if (!cron!.here) {
      return [
        broken(
          "there is no pg_cron: nothing runs by itself",
          "create extension pg_cron with schema pg_catalog",
        ),
      ];
    }
    const jobs = new Map((await sql<Job>(JOBS)).map((job) => [job.name, job]));
    const missing = reference.jobs.filter(({ name }) => !jobs.has(name)).map(({ name }) => name);
    const findings = [...jobs.values()].flatMap(judgeJob);
    if (missing.length > 0) {
      findings.unshift(broken(`jobs are missing: ${some(missing)}`, "npx supabase db push --include-all"));
    }
    if (findings.length === 0) {
      findings.push(well(`all ${reference.jobs.length} jobs are there and switched on`));
    }
    return [...findings, await proveFiring(patient)];
  },
};

function judgeJob({ name, active, status, message }: Job): Finding[] {
  if (!active) {
    return [
      notice(
        `${name} is switched off`,
        `select cron.alter_job((select jobid from cron.job where jobname = '${name}'), active := true);`,
      ),
    ];
  }
  if (status !== "failed") return [];
  return [
    broken(
      `${name} failed the last time: ${message ?? "without a word"}`,
      "Read the message; it is the database's own.",
    ),
  ];
}

/** "Succeeded" is never taken for work done: only that a job was begun lately proves that the schedule lives. */
async function proveFiring({ sql, waitFor }: Patient): Promise<Finding> {
  const fired = await waitFor("waiting for a job of every minute to run", async () => {
    const jobs = await sql<Job>(JOBS);
    return jobs.find(({ schedule, age_seconds: age }) =>
      schedule === EVERY_MINUTE && age !== null && age < SILENT_SECONDS
    );
  });
  return fired === undefined
    ? broken(
      `no job of every minute ran in ${SILENT_SECONDS} s`,
      "Restart the database from the dashboard; pg_cron's worker does not run.",
    )
    : well(`${fired.name} ran ${Math.round(fired.age_seconds!)} s ago`);
}
