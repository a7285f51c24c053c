/**
 * The schedules of pg_cron, and the adapter of croner: everything else imports them from here.
 *
 * Five fields in UTC, `@hourly` and the like, `$` for the last day of a month, or `N seconds`.
 *
 * @module
 */

import { Cron } from "npm:croner@11.0.1";

/** When a job runs. */
export interface CronSchedule {
  /** The first time after `afterMs` in milliseconds since the epoch; undefined when there is none. */
  nextRun(afterMs: number): number | undefined;
}

/** Reads a schedule; throws a `RangeError` for one that pg_cron would refuse. */
export function parseCronSchedule(text: string): CronSchedule {
  const trimmed = text.trim().toLowerCase();
  const seconds = /^([1-9]|[1-5]\d) +seconds?$/.exec(trimmed)?.[1];
  if (seconds !== undefined) return { nextRun: (afterMs) => afterMs + Number(seconds) * 1_000 };
  try {
    const cron = new Cron(withLastDay(trimmed), { timezone: "UTC", mode: "5-part", paused: true });
    return { nextRun: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
  } catch (error) {
    throw new RangeError(`invalid schedule: ${text}`, { cause: error });
  }
}

function withLastDay(text: string): string {
  const fields = text.split(/\s+/);
  return fields.map((field, index) => index === 2 ? field.replaceAll("$", "L") : field).join(" ");
}
