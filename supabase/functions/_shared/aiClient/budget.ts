/**
 * The budget of a day. Each request reserves the most that it can use before it is sent, and puts what it used in its
 * place afterwards, in the background. All isolates share one budget in the database; while that cannot be reached, an
 * isolate goes on within a small budget of its own, and says so.
 *
 * A reservation whose end is never told, because the isolate died, stays counted in full: the endpoint may have
 * charged for it, and a budget that forgets is none.
 *
 * @module
 */

import { runInBackground } from "../core/background.ts";
import type { Clock } from "../core/clock.ts";
import { HealingError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import {
  type AiCallOutcome,
  type AiCallSubject,
  type AiReservationAnswer,
  reserveAiCall,
  type RpcPort,
  settleAiCall,
} from "../healingDb.ts";
import { withTimeout } from "../timeout.ts";
import type { IsolateBudget } from "./isolateBudget.ts";
import { costOf, parsePrice, type TokenPrice, UNKNOWN_PRICE } from "./money.ts";
import type { AiUsage } from "./types.ts";

/** How a request ended. */
export interface CallEnd {
  outcome: AiCallOutcome;
  /** What was used; undefined counts the whole reservation. */
  usage: { promptTokens: number; completionTokens: number } | undefined;
  errorType?: string | undefined;
  requestId?: string | undefined;
  /** Kept only while the setting says so. */
  texts?: { prompt: string; reply: string } | undefined;
}

/** What a request has reserved until it ends. */
export interface Hold {
  readonly budget: "fleet" | "isolate";
  /** Tells the end, once; what it used, and what that cost. */
  settle(end: CallEnd): { usage: AiUsage; costPico: bigint };
}

/** What a request is about and the most that it can use. */
export interface HoldDraft extends Omit<AiCallSubject, "function_name"> {
  promptTokens: number;
  completionTokens: number;
  signal: AbortSignal;
}

/** What the budget needs to know of its surroundings. */
export interface BudgetOptions {
  db: RpcPort | undefined;
  functionName: string;
  isolateBudget: IsolateBudget;
  clock: Clock;
  logger: Logger;
}

/** The database has this long for an answer before it counts as lost. */
const DATABASE_MS = 2_000;
const MAX_TEXT = 8_000;

/** Keeps the budget for one client. */
export class CallBudget {
  /** Prices of models as the database last gave them, for the time without it. */
  readonly #prices = new Map<string, TokenPrice>();
  #isLost = false;

  constructor(private readonly options: BudgetOptions) {}

  /** Reserves the most that the request can use; rejects with `RATE_LIMITED` when that does not fit into the day. */
  async reserve(draft: HoldDraft): Promise<Hold> {
    draft.signal.throwIfAborted();
    const answer = await this.#ask(draft);
    if (answer?.decision === "refused") throw refusal(answer);
    if (answer === undefined) return this.#holdAlone(draft);
    const price = {
      input: parsePrice(answer.price.input) ?? UNKNOWN_PRICE.input,
      output: parsePrice(answer.price.output) ?? UNKNOWN_PRICE.output,
    };
    this.#prices.set(draft.model, price);
    return this.#hold(draft, price, "fleet", answer.records_texts, () => {});
  }

  /** Undefined without a database. */
  async #ask(draft: HoldDraft): Promise<AiReservationAnswer | undefined> {
    const { db } = this.options;
    if (db === undefined) return undefined;
    const { signal } = draft;
    try {
      const answer = await withTimeout(() => reserveAiCall(db, this.#rowOf(draft)), DATABASE_MS, {
        operation: "AI budget",
        signal,
      });
      checkAnswer(answer);
      this.#isLost = false;
      return answer;
    } catch (error) {
      // It may have been reserved all the same, and nothing was sent.
      if (signal.aborted) this.#tell(draft, { outcome: "failed", usage: NOTHING, errorType: "aborted" }, 0);
      signal.throwIfAborted();
      this.#noteLoss(error);
      return undefined;
    }
  }

  #holdAlone(draft: HoldDraft): Hold {
    const price = this.#prices.get(draft.model) ?? UNKNOWN_PRICE;
    const { promptTokens, completionTokens } = draft;
    const share = this.options.isolateBudget.reserve({
      tokens: promptTokens + completionTokens,
      pico: costOf(price, promptTokens, completionTokens),
    });
    return this.#hold(draft, price, "isolate", false, share);
  }

  #hold(
    draft: HoldDraft,
    price: TokenPrice,
    budget: Hold["budget"],
    recordsTexts: boolean,
    settleShare: (used: { tokens: number; pico: bigint }) => void,
  ): Hold {
    const startedAt = this.options.clock.monotonic();
    let settled: ReturnType<Hold["settle"]> | undefined;
    return {
      budget,
      settle: (told) => {
        if (settled !== undefined) return settled;
        const end = isCredible(told.usage, draft) ? told : { ...told, usage: undefined };
        const { promptTokens, completionTokens } = end.usage ?? draft;
        const usage = { promptTokens, completionTokens, isEstimate: end.usage === undefined };
        const costPico = costOf(price, promptTokens, completionTokens);
        settled = { usage, costPico };
        settleShare({ tokens: promptTokens + completionTokens, pico: costPico });
        const texts = recordsTexts ? end.texts : undefined;
        this.#tell(draft, { ...end, texts }, this.options.clock.monotonic() - startedAt);
        return settled;
      },
    };
  }

  /** Records the end in the background: no caller waits for it. */
  #tell(draft: HoldDraft, end: CallEnd, durationMs: number): void {
    const { db } = this.options;
    if (db === undefined) return;
    runInBackground(async () => {
      try {
        const texts = end.texts === undefined ? undefined : await sanitized(end.texts);
        const { promptTokens, completionTokens } = end.usage ?? draft;
        const row = {
          ...this.#rowOf(draft),
          prompt_tokens: promptTokens,
          completion_tokens: completionTokens,
          is_estimate: end.usage === undefined,
          outcome: end.outcome,
          duration_ms: durationMs,
          ...(end.errorType === undefined ? {} : { error_type: end.errorType }),
          ...(end.requestId === undefined ? {} : { request_id: await clean(end.requestId, 200) }),
          ...(texts === undefined ? {} : { texts }),
        };
        await withTimeout(() => settleAiCall(db, row), DATABASE_MS, { operation: "AI record" });
      } catch (error) {
        this.#noteLoss(error);
      }
    });
  }

  #rowOf({ id, model, endpoint, purpose, fingerprint, promptTokens, completionTokens }: HoldDraft) {
    const { functionName } = this.options;
    return {
      ...{ id, model, endpoint, purpose, fingerprint, function_name: functionName },
      ...{ prompt_tokens: promptTokens, completion_tokens: completionTokens },
    };
  }

  /** Said once for each time that it is lost. */
  #noteLoss(error: unknown): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.options.logger.warn(
      "The AI budget cannot be reached: this isolate goes on within a small one of its own",
      {
        code: error instanceof HealingError ? error.code : "INTERNAL",
      },
    );
  }
}

/** A database of another version may answer what is no decision; then it counts as lost. */
function checkAnswer(answer: AiReservationAnswer): void {
  const isRefusal = answer.decision === "refused" && Number.isFinite(answer.resets_in_ms);
  if (isRefusal || (answer.decision === "reserved" && typeof answer.price?.input === "string")) return;
  throw new HealingError("DATABASE_ERROR", "The database answered what is no decision about a reservation");
}

/**
 * A preamble of the endpoint's own may add to the prompt, and thinking to the reply. Beyond twice the bound it is not
 * believed: an endpoint must not be able to use the day up with a number.
 */
function isCredible(usage: CallEnd["usage"], draft: HoldDraft): boolean {
  if (usage === undefined) return false;
  return usage.promptTokens <= 2 * draft.promptTokens + 10_000 &&
    usage.completionTokens <= 2 * draft.completionTokens + 1_000;
}

const NOTHING = { promptTokens: 0, completionTokens: 0 };

function refusal(answer: AiReservationAnswer & { decision: "refused" }): HealingError {
  const { about, limit, committed, asked } = answer;
  const what = about === "tokens" ? "tokens" : "US dollars";
  return new HealingError(
    "RATE_LIMITED",
    `The model was not asked: ${committed} of the day's ${limit} ${what} are used or reserved, and it could use ${asked}`,
    {
      hint: `Wait until midnight UTC, ask for less, or raise ai_daily_${about} with change_healing_setting`,
      details: { refused: true, budget: "fleet", about, limit, committed, asked },
      retryAfterMs: answer.resets_in_ms,
    },
  );
}

async function sanitized({ prompt, reply }: { prompt: string; reply: string }) {
  return { prompt: await clean(prompt, MAX_TEXT), reply: await clean(reply, MAX_TEXT) };
}

async function clean(text: string, maxLength: number): Promise<string> {
  const { sanitizeText } = await import("../errorSanitizer.ts");
  return sanitizeText(text, { maxLength });
}
