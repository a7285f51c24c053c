/** One trial for each strategy: the failure that leads to it, and what its author supplies. @module */

import type { FunctionMeans } from "../../../supabase/functions/_shared/errorInterceptor.ts";
import type { HealingStrategyName } from "../../../supabase/functions/_shared/healingStrategies.ts";

/** Runs the strategy's own work, whose time is not the dispatcher's. */
export type Aside = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** What the means of a trial reach. */
export interface TrialPlace {
  aside: Aside;
  /** Runs a statement on the connection of the trial. */
  query: (text: string) => Promise<unknown>;
  /** Opens that connection anew. */
  reconnect: () => Promise<void>;
  /** Asks an endpoint that is well. */
  askOther: () => Promise<string>;
}

/** One trial. */
export interface HealingTrial {
  strategy: HealingStrategyName;
  effect: "read" | "keyedWrite";
  /** What the server answers the first time. */
  status: number;
  retryAfter?: string;
  /** Stands for a database that refuses. */
  code?: string;
  means: (place: TrialPlace) => FunctionMeans<string | undefined>;
}

/** The trials, in the order of the strategies. */
export const HEALING_TRIALS: readonly HealingTrial[] = [
  { strategy: "RETRY_WITH_BACKOFF", effect: "read", status: 503, means: () => ({}) },
  { strategy: "RATE_LIMIT_BACKOFF", effect: "read", status: 429, retryAfter: "0", means: () => ({}) },
  {
    strategy: "RESET_CONNECTION",
    effect: "read",
    status: 500,
    code: "57P01",
    means: ({ aside, reconnect }) => ({ connection: { reset: () => aside(reconnect) } }),
  },
  {
    strategy: "CLEAR_CACHE_AND_RETRY",
    effect: "read",
    status: 500,
    code: "PGRST204",
    means: ({ aside, query }) => ({
      cache: { read: () => undefined, clear: () => aside(() => query("discard plans")) },
    }),
  },
  {
    strategy: "ROLLBACK_TRANSACTION",
    effect: "keyedWrite",
    status: 500,
    code: "40P01",
    means: ({ aside, query }) => ({ transaction: { rollback: () => aside(() => query("rollback")) } }),
  },
  {
    strategy: "SWITCH_API_ENDPOINT",
    effect: "read",
    status: 500,
    means: ({ aside, askOther }) => ({ endpoints: [{ name: "other", call: () => aside(askOther) }] }),
  },
  {
    strategy: "QUEUE_FOR_LATER",
    effect: "keyedWrite",
    status: 429,
    retryAfter: "60",
    means: ({ aside, query }) => ({
      queue: { enqueue: () => aside(async () => (await query("select 1"), {})) },
    }),
  },
  {
    strategy: "FALLBACK_TO_CACHE",
    effect: "read",
    status: 500,
    means: ({ aside, query }) => ({
      cache: { read: () => aside(async () => (await query("select 1"), { value: "earlier", ageMs: 1_000 })) },
    }),
  },
  {
    strategy: "USE_DEFAULT_VALUE",
    effect: "read",
    status: 500,
    means: () => ({ defaultValue: () => "default" }),
  },
  { strategy: "SKIP_OPERATION", effect: "read", status: 500, means: () => ({ isCritical: false }) },
];
