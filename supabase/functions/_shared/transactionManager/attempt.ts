/** One attempt at a transaction, from its beginning to an end that is known. @module */

import { AsyncLocalStorage } from "node:async_hooks";
import type { CallerIdentity } from "../callerToken.ts";
import { runInBackground } from "../core/background.ts";
import { systemClock } from "../core/clock.ts";
import { HealingError, isHealingError, messageOf } from "../core/errors.ts";
import { createLogger } from "../core/logger.ts";
import type { PoolClient, QueryConfig, QueryResultRow } from "../postgres.ts";
import { type Compensation, type CompensationReport, Compensations } from "./compensations.ts";
import { toCoded } from "./faults.ts";
import type { Lane } from "./lane.ts";
import type { TransactionSettings } from "./options.ts";
import { readOutcome } from "./outcome.ts";
import { type Audit, begin, closeAs, commit } from "./session.ts";
import { checkStatement } from "./statement.ts";
import type { Transaction } from "./transaction.ts";

/** A part that may go back alone. */
interface Point {
  name: string;
  /** The compensations that were there before it. */
  mark: number;
}

/** The part to which the present work belongs. */
const currentPoint = new AsyncLocalStorage<Point>();

/** One attempt; run it once. */
export class Attempt implements Transaction {
  readonly #compensations: Compensations;
  readonly #startedAt: number;
  #client: PoolClient | undefined;
  /** True from the beginning until the end begins: statements of an author who did not wait come too late. */
  #isOpen = false;
  #isTakenBack = false;
  /** The parts that are open, each within the one before. */
  readonly #points: Point[] = [];
  #statements = 0;
  #restorePoints = 0;
  #isOutcomeKnown = true;

  constructor(
    private readonly lane: Lane,
    private readonly caller: CallerIdentity,
    private readonly settings: TransactionSettings,
    private readonly number: number,
    readonly signal: AbortSignal,
  ) {
    this.#compensations = new Compensations(settings.clock ?? systemClock);
    this.#startedAt = this.#now();
  }

  /** Begins, works, commits; or takes everything back and throws what was in the way. */
  async run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    this.#client = await this.lane.connect();
    const destroy = () => this.#release(true);
    this.signal.addEventListener("abort", destroy, { once: true });
    try {
      this.signal.throwIfAborted();
      await begin(this.#client, this.caller, this.settings);
      this.#isOpen = true;
      const result = await orAbort(work(this), this.signal);
      await this.#commit();
      return result;
    } catch (thrown) {
      return await this.#takeBack(this.signal.aborted ? this.signal.reason : toCoded(thrown));
    } finally {
      this.#isOpen = false;
      this.signal.removeEventListener("abort", destroy);
      this.#release(false);
    }
  }

  query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#watch(() => this.#query<Row>(text, values));
  }

  async #query<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    this.#requireOpen();
    checkStatement(text);
    this.#statements++;
    // The extended protocol takes one statement only, so that no text can hide a second one.
    const config = { text, values: [...values], queryMode: "extended" } as QueryConfig;
    return await this.#send(async (client) => (await client.query<Row>(config)).rows);
  }

  onRollback(compensation: Compensation): void {
    // Its effect is there already: what comes too late is undone at once, what comes from beside with all the rest.
    if (this.#isOpen || this.#isTakenBack) this.#compensations.add(compensation);
    if (this.#isTakenBack) {
      runInBackground(async () => this.#report((await this.#compensations.undo()).failures));
    }
    this.#requireOpen();
  }

  restorePoint<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#watch(() => this.#restorePoint(work));
  }

  async #restorePoint<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#requireOpen();
    const point = { name: `restore_point_${++this.#restorePoints}`, mark: this.#compensations.mark };
    this.#points.push(point);
    try {
      await this.#send((client) => client.query(`savepoint ${point.name}`));
      return await this.#within(point, work);
    } finally {
      const place = this.#points.indexOf(point);
      if (place >= 0) this.#points.length = place;
    }
  }

  async #within<Result>(point: Point, work: () => Promise<Result>): Promise<Result> {
    const { name, mark } = point;
    try {
      const result = await currentPoint.run(point, work);
      if (this.#points.at(-1) !== point) {
        throw new TypeError("Cannot end a restore point while one within it is open: wait for each of them");
      }
      await this.#send((client) => client.query(`release savepoint ${name}`));
      return result;
    } catch (thrown) {
      this.signal.throwIfAborted();
      await this.#send((client) => client.query(`rollback to savepoint ${name}`));
      await this.#send((client) => client.query(`release savepoint ${name}`));
      this.#report((await this.#compensations.undo(mark)).failures);
      throw thrown;
    }
  }

  async #commit(): Promise<void> {
    this.#isOpen = false;
    const client = this.#client!;
    const xid = await closeAs(client, this.caller, this.settings.audit === false ? null : this.#audit());
    try {
      await commit(client);
    } catch (thrown) {
      const lost = toCoded(thrown);
      // What has written nothing has nothing to lose.
      if (xid === undefined || !isHealingError(lost) || lost.code !== "UNAVAILABLE") throw lost;
      await this.#settle(xid, lost);
    }
  }

  /** The answer to the commit was lost: the server says whether it had worked. */
  async #settle(xid: string, lost: HealingError): Promise<void> {
    this.#release(true);
    const outcome = await readOutcome(() => this.lane.connect(), xid, this.settings.clock ?? systemClock);
    if (outcome === "committed") return;
    if (outcome === "aborted") throw lost;
    this.#isOutcomeKnown = false;
    throw new HealingError("UNAVAILABLE", "Whether the transaction was committed is not known", {
      hint: "Read back what it should have written before doing it again",
      details: { outcome: "unknown", xid },
      cause: lost,
    });
  }

  async #takeBack(thrown: unknown): Promise<never> {
    this.#isOpen = false;
    this.#isTakenBack = this.#isOutcomeKnown;
    await this.#client?.query("rollback").catch(() => this.#release(true));
    // To undo what may well hold would be as wrong as to leave what does not.
    const undone = this.#isOutcomeKnown ? await this.#compensations.undo() : { done: 0, failures: [] };
    this.#report(undone.failures);
    await this.#auditFailure(thrown, undone);
    throw thrown;
  }

  #report(failures: readonly unknown[]): void {
    const logger = this.settings.logger ?? createLogger("transaction");
    for (const failure of failures) {
      logger.error("a compensation failed: its effect stands, though its transaction was taken back", {
        transaction: this.settings.name,
        requestId: this.settings.requestId,
        reason: messageOf(failure),
      });
    }
  }

  /** A note for admins about a transaction that left nothing else; its own failure changes nothing. */
  async #auditFailure(thrown: unknown, { done, failures }: CompensationReport): Promise<void> {
    if (this.settings.audit === false) return;
    const event = {
      ...this.#audit(),
      event_type: "transaction",
      category: "database",
      result: "failure",
      message: this.settings.name,
      details: {
        role: this.caller.role,
        subject: this.caller.claims.sub ?? null,
        code: isHealingError(thrown) ? thrown.code : "INTERNAL",
        statements: this.#statements,
        attempt: this.number,
        outcome: this.#isOutcomeKnown ? "taken back" : "unknown",
        compensations: done,
        compensations_failed: failures.length,
      },
    };
    await this.#client?.query("select public.create_healing_events($1)", [JSON.stringify([event])])
      .catch(() => this.#release(true));
  }

  #audit(): Audit {
    return {
      name: this.settings.name,
      function_name: this.settings.functionName ?? null,
      request_id: this.settings.requestId ?? null,
      duration_ms: this.#now() - this.#startedAt,
      statements: this.#statements,
      attempt: this.number,
    };
  }

  /** An author who does not wait for a statement must not end the worker by its failure; the commit then fails. */
  #watch<Result>(work: () => Promise<Result>): Promise<Result> {
    const outcome = work();
    outcome.catch((reason) => {
      if (!(reason instanceof TypeError)) return;
      const logger = this.settings.logger ?? createLogger("transaction");
      logger.warn("a statement of a transaction was not made", { reason: messageOf(reason) });
    });
    return outcome;
  }

  async #send<Result>(statement: (client: PoolClient) => Promise<Result>): Promise<Result> {
    try {
      return await statement(this.#client!);
    } catch (thrown) {
      this.signal.throwIfAborted();
      throw toCoded(thrown);
    }
  }

  /** Gives the connection back; a broken or abandoned one is destroyed, and its server process ends by itself. */
  #release(destroyed: boolean): void {
    this.#client?.release(destroyed);
    this.#client = undefined;
  }

  #requireOpen(): void {
    this.signal.throwIfAborted();
    if (!this.#isOpen || this.#client === undefined) {
      throw new TypeError("Cannot use a transaction after its end: wait for each of its statements");
    }
    // Whatever ran beside a part would go back with it, although its author was told that it is done.
    if (this.#points.at(-1) === currentPoint.getStore()) return;
    throw new TypeError("Cannot use a transaction beside one of its restore points: wait for the end of it");
  }

  #now(): number {
    return (this.settings.clock ?? systemClock).monotonic();
  }
}

/** What the work comes to, or the end of its time: work that never ends must not keep the connection from others. */
function orAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", end));
}
