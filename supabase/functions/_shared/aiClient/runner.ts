/**
 * One call of a model: the targets in their order, retries within their budget, a breaker around each target, a
 * reservation for each request, and a limit on the whole.
 *
 * What goes over the wire is an exchange that the runner is given; it settles its own reservation when it succeeds.
 * Everything that a failure needs is loaded with the first failure.
 *
 * @module
 */

import { isCircuitOpenError } from "../circuitBreaker.ts";
import { HealingError } from "../core/errors.ts";
import { retryWithBackoff } from "../retry.ts";
import { withTimeout } from "../timeout.ts";
import { bodyFor, boundTokens, type ChatBody, type Prepared } from "./body.ts";
import { CallBudget, type Hold } from "./budget.ts";
import { AiFailure, isAiFailure } from "./failure.ts";
import { IsolateBudget } from "./isolateBudget.ts";
import { picodollars } from "./money.ts";
import type { ClientOptions } from "./options.ts";
import { FixMemory } from "./parameterFixes.ts";
import { leadsElsewhere, missingModel, type Target, type Targets } from "./targets.ts";
import type { AiFailedTarget, AiRefuser } from "./types.ts";

/** One request on its way. */
export interface Exchange {
  target: Target;
  body: ChatBody;
  hold: Hold;
  signal: AbortSignal;
}

/** How a call ended. */
export type RunResult<Result> =
  & { target: Target; hold: Hold; requests: number; fixes: readonly string[] }
  & (
    | { kind: "done"; result: Result }
    | { kind: "refused"; by: AiRefuser; message: string; usage: ReturnType<Hold["settle"]> }
  );

/** What a call consists of besides its body. */
export interface Run<Result> {
  prepared: Prepared;
  fingerprint: string;
  exchange: (exchange: Exchange) => Promise<Result>;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** The longest pause before a retry; who asks for more gets no retry. */
const MAX_DELAY_MS = 10_000;
/** Parameters that one request may have mended before it is given up. */
const MOST_FIXES = 4;

/** Makes the calls of one client. */
export class Runner {
  readonly #budget: CallBudget;
  readonly #fixes = new FixMemory();

  constructor(private readonly options: ClientOptions, private readonly targets: Targets) {
    const { tokens, usd } = options.isolateBudget;
    this.#budget = new CallBudget({
      ...options,
      isolateBudget: IsolateBudget.of({ tokens, pico: picodollars(usd) }, options.clock),
    });
  }

  /** Makes one call; rejects with the last target's failure, which names the ones before. */
  run<Result>(run: Run<Result>, signal: AbortSignal | undefined): Promise<RunResult<Result>> {
    if (this.targets.list.length === 0) return Promise.reject(missingModel(this.targets));
    const { clock, remainingMs } = this.options;
    const limitMs = run.prepared.request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return withTimeout((inner) => this.#overTargets(run, inner), limitMs, {
      operation: "AI call",
      clock,
      ...(remainingMs === undefined ? {} : { remainingMs }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #overTargets<Result>(run: Run<Result>, signal: AbortSignal): Promise<RunResult<Result>> {
    const call = new Call(this.options, this.#budget, this.#fixes, run, signal);
    const tried: AiFailedTarget[] = [];
    let waiting = [...this.targets.list];
    let last: unknown;
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const failed = target;
      try {
        return await call.ask(target);
      } catch (error) {
        signal.throwIfAborted();
        if (isCircuitOpenError(error)) {
          last ??= error;
          continue;
        }
        if (!isAiFailure(error) || error.judgement.action === "giveUp") throw withTried(error, tried);
        last = error;
        const { errorType, code, detour } = error.judgement;
        tried.push({ target: target.name, errorType, code });
        waiting = waiting.filter((other) => leadsElsewhere(other, failed, detour));
      }
    }
    throw withTried(last, tried);
  }
}

/** One call and its requests. */
class Call<Result> {
  #requests = 0;

  constructor(
    private readonly options: ClientOptions,
    private readonly budget: CallBudget,
    private readonly fixes: FixMemory,
    private readonly run: Run<Result>,
    private readonly signal: AbortSignal,
  ) {}

  /** Asks one target, again while its failure may pass. */
  ask(target: Target): Promise<RunResult<Result>> {
    const { maxAttempts, clock, random } = this.options;
    return retryWithBackoff((attempt) => this.#attempt(target, attempt), {
      maxAttempts,
      maxDelayMs: MAX_DELAY_MS,
      target: `ai:${target.name}`,
      shouldRetry: (error, attempt) => isAiFailure(error) && mayPass(error, attempt),
      signal: this.signal,
      clock,
      random,
    });
  }

  async #attempt(target: Target, attempt: number): Promise<RunResult<Result>> {
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    return await target.breaker.execute(async () => {
      let hold: Hold;
      try {
        hold = await this.#reserve(target, signal);
      } catch (error) {
        // Nothing was sent, so that this says nothing about the target.
        stop.abort(error);
        throw error;
      }
      return await this.#request(target, hold, attempt, signal);
    }, { signal });
  }

  #reserve(target: Target, signal: AbortSignal): Promise<Hold> {
    const { prepared, fingerprint } = this.run;
    const { model, endpoint } = target;
    const { purpose } = prepared.request;
    const id = this.options.random.uuid();
    return this.budget.reserve({
      id,
      model,
      endpoint,
      purpose,
      fingerprint,
      signal,
      ...boundTokens(prepared),
    });
  }

  /** Sends the request; where a parameter can be mended it is sent once more, which costs nothing. */
  async #request(
    target: Target,
    hold: Hold,
    attempt: number,
    signal: AbortSignal,
  ): Promise<RunResult<Result>> {
    for (let fixes = 0;; fixes++) {
      const { body, keys } = this.fixes.apply(target.name, bodyFor(target.model, this.run.prepared));
      try {
        const result = await this.#send({ target, body, hold, signal }, attempt);
        return { kind: "done", result, target, hold, requests: this.#requests, fixes: keys };
      } catch (error) {
        if (fixes < MOST_FIXES && this.fixes.learn(target.name, body, wordsOf(error))) continue;
        return await this.#fail(error, target, hold, keys, signal);
      }
    }
  }

  #send(exchange: Exchange, attempt: number): Promise<Result> {
    this.#requests++;
    const { attemptTimeoutMs, clock } = this.options;
    return withTimeout((signal) => this.run.exchange({ ...exchange, signal }), attemptTimeoutMs * attempt, {
      operation: "AI request",
      signal: exchange.signal,
      clock,
    });
  }

  async #fail(
    error: unknown,
    target: Target,
    hold: Hold,
    fixes: readonly string[],
    signal: AbortSignal,
  ): Promise<RunResult<Result>> {
    const { judgeFailure } = await import("./judge.ts");
    const judgement = judgeFailure(error, this.options.clock.now());
    const isStopped = signal.aborted;
    const { refusedBy, errorType, facts } = judgement;
    const usage = hold.settle({
      outcome: refusedBy === undefined ? "failed" : "refused",
      usage: isStopped || judgement.mayHaveCost ? undefined : { promptTokens: 0, completionTokens: 0 },
      errorType: isStopped ? "aborted" : errorType,
    });
    signal.throwIfAborted();
    if (refusedBy === undefined) throw new AiFailure(judgement, target.name);
    const message = String(facts.providerMessage);
    return { kind: "refused", by: refusedBy, message, usage, target, hold, requests: this.#requests, fixes };
  }
}

/** Whoever asks to be left alone for longer than we would wait is left alone. */
function mayPass({ judgement }: AiFailure, attempt: number): boolean {
  return judgement.action === "retry" && attempt < judgement.maxAttempts &&
    (judgement.retryAfterMs ?? 0) <= MAX_DELAY_MS;
}

function wordsOf(error: unknown) {
  const { status, param, message } = (error ?? {}) as Record<string, unknown>;
  return {
    status: typeof status === "number" ? status : undefined,
    param: typeof param === "string" ? param : undefined,
    message: typeof message === "string" ? message : "",
  };
}

function withTried(error: unknown, tried: readonly AiFailedTarget[]): unknown {
  if (!(error instanceof HealingError) || tried.length < 2) return error;
  const details = error.details;
  if (details !== undefined) details.tried = [...tried];
  return error;
}
