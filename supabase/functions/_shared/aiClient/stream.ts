/**
 * A reply while it is being written.
 *
 * Until the first piece is there a stream is a call like any other: it is retried, falls back and is judged. From
 * then on its text belongs to the caller and nothing is begun again. Leaving the loop, the caller's signal or the
 * limit end the request at the endpoint, and what it may have cost is counted.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { HealingError } from "../core/errors.ts";
import { effectiveLimit } from "../timeout.ts";
import { prepare, type ResponseFormat } from "./body.ts";
import { type ClientParts, endOf, factsOf, refusalFrom } from "./chat.ts";
import { fingerprintOf } from "./cache.ts";
import { AiFailure } from "./failure.ts";
import { openChatStream } from "./openai.ts";
import { InvalidReplyError, type ReadPiece, readPiece, refusalOf, type ReportedUsage } from "./reply.ts";
import type { Exchange, RunResult } from "./runner.ts";
import type { AiReply, AiRequest, AiTextStream } from "./types.ts";

interface Opened {
  first: ReadPiece;
  rest: AsyncIterator<unknown>;
  messages: Exchange["body"]["messages"];
}

interface Gathered {
  text: string;
  refusal: string;
  finishReason: string | undefined;
  usage: ReportedUsage | undefined;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** Begins with the first step of its iteration. */
export class ChatStream implements AiTextStream {
  readonly reply: Promise<AiReply>;
  readonly #end = Promise.withResolvers<AiReply>();
  readonly #life = new AbortController();
  readonly #timer = new AbortController();
  readonly #seen: Gathered = { text: "", refusal: "", finishReason: undefined, usage: undefined };
  #errorType = "aborted";

  constructor(
    private readonly parts: ClientParts,
    private readonly request: AiRequest,
    private readonly responseFormat?: ResponseFormat | undefined,
  ) {
    this.reply = this.#end.promise;
    // Whoever only iterates sees the failure there.
    this.reply.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    const { signal } = this.request;
    const stop = () => this.#life.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    let run: RunResult<Opened> | undefined;
    try {
      signal?.throwIfAborted();
      void this.#expire();
      run = await this.#open();
      if (run.kind === "done") yield* this.#pieces(run);
      this.#end.resolve(await this.#conclude(run));
    } catch (error) {
      const failure = await this.#failureOf(error, run);
      this.#end.reject(failure);
      throw failure;
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#timer.abort();
      this.#leave(run);
    }
  }

  async #open(): Promise<RunResult<Opened>> {
    const { targets, runner, options: { maxReplyBytes } } = this.parts;
    const prepared = prepare(this.request, { responseFormat: this.responseFormat, isStream: true });
    const fingerprint = await fingerprintOf(prepared, targets.list.map(({ name }) => name));
    const exchange = async ({ target, body, signal }: Exchange): Promise<Opened> => {
      const bothSignals = AbortSignal.any([signal, this.#life.signal]);
      const pieces = await openChatStream(target, body, { signal: bothSignals, maxReplyBytes });
      const rest = pieces[Symbol.asyncIterator]();
      const { value, done } = await rest.next();
      bothSignals.throwIfAborted();
      if (done) throw new InvalidReplyError("The stream ended before it began");
      return { first: readPiece(value), rest, messages: body.messages };
    };
    return await runner.run({ prepared, fingerprint, exchange }, this.#life.signal);
  }

  async *#pieces(run: RunResult<Opened> & { kind: "done" }): AsyncGenerator<string, void, undefined> {
    const { first, rest } = run.result;
    for (let piece: ReadPiece | undefined = first; piece !== undefined;) {
      this.#gather(piece);
      if (piece.text !== "") yield piece.text;
      // The package ends its stream without a word when it is aborted.
      const { value, done } = await rest.next();
      this.#life.signal.throwIfAborted();
      piece = done ? undefined : readPiece(value);
    }
    if (this.#seen.finishReason === undefined) {
      throw new InvalidReplyError("The stream ended before the reply did");
    }
  }

  #gather({ text, refusal, finishReason, usage }: ReadPiece): void {
    this.#seen.text += text;
    this.#seen.refusal += refusal;
    this.#seen.finishReason ??= finishReason;
    this.#seen.usage = usage ?? this.#seen.usage;
  }

  async #conclude(run: RunResult<Opened>): Promise<AiReply> {
    if (run.kind === "refused") return await refusalFrom(factsOf(run, run.usage), run);
    const { text, refusal, finishReason, usage } = this.#seen;
    const isCut = finishReason === "length";
    const read = { text, isCut, usage, requestId: undefined };
    const refused = refusalOf({ finish_reason: finishReason }, refusal);
    const facts = factsOf(run, run.hold.settle(endOf({ ...read, refusal: refused }, run.result)));
    if (refused !== undefined) return await refusalFrom(facts, refused);
    return { kind: "answered", text, isCut, ...facts };
  }

  /** Before the first piece the runner has judged; what comes after it is judged here. */
  async #failureOf(error: unknown, run: RunResult<Opened> | undefined): Promise<unknown> {
    if (run === undefined || this.#life.signal.aborted || error instanceof HealingError) return error;
    const { judgeFailure } = await import("./judge.ts");
    const judgement = judgeFailure(error, this.parts.options.clock.now());
    this.#errorType = judgement.errorType;
    return new AiFailure(judgement, run.target.name);
  }

  /** Ends the request if it still runs. One whose end nobody saw may have cost all that it had reserved. */
  #leave(run: RunResult<Opened> | undefined): void {
    this.#life.abort(new HealingError("ABORTED", "The stream was left before its end"));
    this.#end.reject(this.#life.signal.reason);
    if (run === undefined) return;
    run.hold.settle({ outcome: "failed", usage: this.#seen.usage, errorType: this.#errorType });
  }

  async #expire(): Promise<void> {
    const { clock, remainingMs } = this.parts.options;
    const limitMs = effectiveLimit(this.request.timeoutMs ?? DEFAULT_TIMEOUT_MS, remainingMs?.());
    if (!await hasPassed(clock, limitMs, this.#timer.signal)) return;
    const message = `The stream did not end within ${limitMs} ms`;
    this.#life.abort(new HealingError("TIMEOUT", message, { hint: "Ask for less, or give it more time" }));
  }
}

/** False when the wait was ended before. */
async function hasPassed(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch {
    return false;
  }
}
