/**
 * Runs the rows of `cron.job` where the database has no pg_cron to do so.
 *
 * As pg_cron does: times are UTC, a missed run is not made up for, one run of a job at a time, and a run that
 * falls due meanwhile starts when the previous one has ended. Where the extension is installed nothing runs here.
 *
 * @module
 */

import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { createLogger, type Logger } from "../../supabase/functions/_shared/core/logger.ts";
import { Client, type Pool, type QueryResult } from "../../supabase/functions/_shared/postgres.ts";
import { ProblemLog } from "./problemLog.ts";
import { type CronSchedule, parseCronSchedule } from "./cronSchedule.ts";

/** What {@link Scheduler} needs. */
export interface SchedulerOptions {
  /** A superuser's connections; row level security hides the jobs from their owners' rivals. */
  pool: Pool;
  /** The connection string with which a job of this user runs in this database. */
  urlOf: (job: { user: string; database: string }) => string;
  clock?: Clock;
  logger?: Logger;
}

interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

interface JobState {
  text: string;
  schedule: CronSchedule | undefined;
  nextMs: number | undefined;
  run: Promise<void> | undefined;
  isDueAgain: boolean;
}

const POLL_MS = 1_000;
const JOBS_SQL = `
  select jobid::text, schedule, command, database, username from cron.job
  where active and not exists (select from pg_catalog.pg_extension where extname = 'pg_cron')`;

/** Runs jobs when they are due. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #clock: Clock;
  readonly #problems: ProblemLog;
  readonly #states = new Map<string, JobState>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#problems = new ProblemLog(options.logger ?? createLogger("scheduler"));
  }

  /** Looks every second what is due. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Starts nothing more and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
    await Promise.all([...this.#states.values()].map((state) => state.run));
  }

  /** Runs what is due now and waits for it; returns how many jobs ran. A job's first look only notes its time. */
  async tick(): Promise<number> {
    const runs = await this.#startDue();
    await Promise.all(runs);
    return runs.length;
  }

  /** Runs a job by its name at once, whatever its schedule says; false when there is no such job. */
  async runJob(name: string): Promise<boolean> {
    const { rows } = await this.#options.pool.query<Job>(`${JOBS_SQL} and jobname = $1`, [name]);
    const [job] = rows;
    if (job === undefined) return false;
    const state = this.#stateOf(job, this.#clock.now());
    await state.run;
    await this.#runOnce(job, state);
    return true;
  }

  async #run(): Promise<void> {
    await this.#closeLostRuns().catch((error) => this.#problems.report("cannot read the jobs", error));
    while (!this.#stopped.signal.aborted) {
      await this.#startDue().then(
        () => this.#problems.clear(),
        (error) => this.#problems.report("cannot read the jobs", error),
      );
      await this.#clock.sleep(POLL_MS, this.#stopped.signal).catch(() => {});
    }
  }

  /** What a process that is gone had begun. */
  async #closeLostRuns(): Promise<void> {
    await this.#options.pool.query(
      `update cron.job_run_details
       set status = 'failed', return_message = 'server restarted', end_time = clock_timestamp()
       where status in ('starting', 'running')
         and not exists (select from pg_catalog.pg_extension where extname = 'pg_cron')`,
    );
  }

  async #startDue(): Promise<Promise<void>[]> {
    const { rows } = await this.#options.pool.query<Job>(JOBS_SQL);
    const now = this.#clock.now();
    const known = new Set(rows.map((job) => job.jobid));
    for (const id of this.#states.keys()) if (!known.has(id)) this.#states.delete(id);
    const runs: Promise<void>[] = [];
    for (const job of rows) {
      const state = this.#stateOf(job, now);
      if (state.nextMs === undefined || state.nextMs > now) continue;
      state.nextMs = state.schedule?.nextRun(now);
      if (state.run === undefined) runs.push(this.#runOnce(job, state));
      else state.isDueAgain = true;
    }
    return runs;
  }

  #stateOf(job: Job, now: number): JobState {
    const known = this.#states.get(job.jobid);
    if (known?.text === job.schedule) return known;
    const schedule = this.#parse(job);
    const state: JobState = {
      text: job.schedule,
      schedule,
      nextMs: schedule?.nextRun(now),
      run: known?.run,
      isDueAgain: false,
    };
    this.#states.set(job.jobid, state);
    return state;
  }

  #parse(job: Job): CronSchedule | undefined {
    try {
      return parseCronSchedule(job.schedule);
    } catch (error) {
      this.#problems.report(`job ${job.jobid} never runs`, error);
      return undefined;
    }
  }

  #runOnce(job: Job, state: JobState): Promise<void> {
    const run = this.#execute(job).catch((error) =>
      this.#problems.report(`job ${job.jobid} left no record`, error)
    )
      .then(async () => {
        state.run = undefined;
        if (!state.isDueAgain || this.#stopped.signal.aborted) return;
        state.isDueAgain = false;
        await this.#runOnce(job, state);
      });
    return state.run = run;
  }

  async #execute(job: Job): Promise<void> {
    const runId = await this.#recordStart(job);
    const connectionString = this.#options.urlOf({ user: job.username, database: job.database });
    const client = new Client({ connectionString });
    // A connection that is lost fails the query; the event must not end the process as well.
    client.on("error", () => {});
    try {
      await client.connect();
      const result: QueryResult | QueryResult[] = await client.query(job.command);
      const last = Array.isArray(result) ? result.at(-1) : result;
      await this.#recordEnd(runId, "succeeded", wordsOf(last));
    } catch (error) {
      await this.#recordEnd(runId, "failed", `ERROR:  ${messageOf(error)}`);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #recordStart({ jobid, database, username, command }: Job): Promise<string> {
    const { rows } = await this.#options.pool.query<{ runid: string }>(
      `insert into cron.job_run_details (jobid, database, username, command, status, start_time)
       values ($1, $2, $3, $4, 'running', clock_timestamp()) returning runid::text`,
      [jobid, database, username, command],
    );
    return rows[0]!.runid;
  }

  async #recordEnd(runId: string, status: "succeeded" | "failed", message: string): Promise<void> {
    await this.#options.pool.query(
      `update cron.job_run_details set status = $2, return_message = $3, end_time = clock_timestamp()
       where runid = $1`,
      [runId, status, message],
    );
  }
}

/** What pg_cron writes about a success. */
function wordsOf(result: QueryResult | undefined): string {
  if (result === undefined) return "";
  const count = result.rowCount ?? 0;
  return result.command === "SELECT" ? `${count} row${count === 1 ? "" : "s"}` : `${result.command} ${count}`;
}
