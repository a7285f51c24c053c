/**
 * Sends the requests that `net.http_post` and its like have queued, as pg_net's worker does.
 *
 * A batch is one transaction: its rows are taken from the queue, all requests go out at once, and the answers
 * are written together. So a request leaves only after the commit of whoever queued it, and a sender that dies
 * in between leaves its rows in the queue, to be sent again.
 *
 * @module
 */

import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { createLogger, type Logger } from "../../supabase/functions/_shared/core/logger.ts";
import type { Pool, PoolClient } from "../../supabase/functions/_shared/postgres.ts";
import { ProblemLog } from "./problemLog.ts";

/** What {@link NetSender} needs. */
export interface NetSenderOptions {
  /** A superuser's connections. */
  pool: Pool;
  /** How requests leave; the real network when left out. */
  fetch?: (request: Request) => Promise<Response>;
  clock?: Clock;
  logger?: Logger;
}

interface QueuedRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, unknown> | null;
  body: Uint8Array<ArrayBuffer> | null;
  timeout_milliseconds: number;
}

/** A row of `net._http_response`. */
interface ResponseRow {
  id: string;
  status_code: number | null;
  content_type: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timed_out: boolean;
  error_msg: string | null;
}

const POLL_MS = 1_000;
/** How long {@link NetSender.stop} waits for answers before it leaves the rows in the queue. */
const STOP_PATIENCE_MS = 2_000;

const TAKE_SQL = `
  delete from net.http_request_queue where id in (
    select id from net.http_request_queue order by id limit 200 for update skip locked
  )
  returning id::text, method, url, headers, body, timeout_milliseconds`;

const KEEP_SQL = `
  insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
  select id, status_code, content_type, headers, content, timed_out, error_msg
  from json_to_recordset($1) as answer (
    id bigint, status_code integer, content_type text, headers jsonb, content text, timed_out boolean,
    error_msg text
  )`;

/** Drains the queue. */
export class NetSender {
  readonly #options: NetSenderOptions;
  readonly #clock: Clock;
  readonly #problems: ProblemLog;
  readonly #stopped = new AbortController();
  readonly #givenUp = new AbortController();
  #nap = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: NetSenderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#problems = new ProblemLog(options.logger ?? createLogger("net"));
  }

  /** Looks into the queue every second, and at once when {@link wake} is called. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the nap of the loop. */
  wake(): void {
    this.#nap.abort();
  }

  /** Waits a little for what is on its way; what has no answer by then stays in the queue. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.wake();
    const timer = setTimeout(() => this.#givenUp.abort(), STOP_PATIENCE_MS);
    await this.#loop;
    clearTimeout(timer);
  }

  /** Sends one batch, at most 200 requests, and returns how many it sent. */
  async drainOnce(): Promise<number> {
    const client = await this.#options.pool.connect();
    try {
      await client.query("begin");
      const sent = await this.#drain(client);
      await client.query("commit");
      return sent;
    } catch (error) {
      await client.query("rollback").catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  async #drain(client: PoolClient): Promise<number> {
    const { rows } = await client.query<QueuedRequest>(TAKE_SQL);
    if (rows.length === 0) return 0;
    const answers = await Promise.all(rows.map((row) => this.#send(row)));
    if (this.#givenUp.signal.aborted) throw new Error("stopped before all answers were there");
    await client.query(KEEP_SQL, [JSON.stringify(answers)]);
    await client.query("delete from net._http_response where created < now() - interval '6 hours'");
    return rows.length;
  }

  async #send(queued: QueuedRequest): Promise<ResponseRow> {
    const { id, timeout_milliseconds: timeoutMs } = queued;
    const timeout = AbortSignal.timeout(timeoutMs);
    const empty = { id, status_code: null, content_type: null, headers: null, content: null };
    try {
      const request = requestOf(queued, AbortSignal.any([timeout, this.#givenUp.signal]));
      const response = await (this.#options.fetch ?? fetch)(request);
      return {
        id,
        status_code: response.status,
        content_type: response.headers.get("content-type"),
        headers: Object.fromEntries(response.headers),
        // A text of Postgres cannot hold a NUL.
        content: (await response.text()).replaceAll("\0", ""),
        timed_out: false,
        error_msg: null,
      };
    } catch (error) {
      const words = timeout.aborted ? `Timeout of ${timeoutMs} ms reached.` : reasonOf(error);
      return { ...empty, timed_out: timeout.aborted, error_msg: words };
    }
  }

  async #tryDrain(): Promise<number> {
    try {
      const sent = await this.drainOnce();
      this.#problems.clear();
      return sent;
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#problems.report("a batch was not sent", error);
      return 0;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#nap = new AbortController();
      if (await this.#tryDrain() === 0) await this.#clock.sleep(POLL_MS, this.#nap.signal).catch(() => {});
    }
  }
}

function requestOf({ method, url, headers, body }: QueuedRequest, signal: AbortSignal): Request {
  const texts = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  return new Request(url, { method, headers: texts, body: method === "GET" ? null : body, signal });
}

/** The network's own words are in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : "";
  return `${messageOf(error)}${cause}`.replaceAll("\0", "");
}
