/**
 * The analysis of an error by a model: asked once for a fingerprint, and given again until it expires.
 *
 * Who wants an answer takes a lease on the question in the database; another worker with the same question waits for
 * the answer instead of paying for it twice. Whatever goes wrong, the rules answer: there is no key, the day's money
 * is used up, the model refuses, fails, or writes what is no answer. A failure is kept for a while too, so that a
 * model that is down is not asked for every error.
 *
 * @module
 */

import { systemClock } from "../core/clock.ts";
import { isHealingError, messageOf } from "../core/errors.ts";
import { fitsJsonb } from "../core/jsonb.ts";
import { systemRandom } from "../core/random.ts";
import { sanitizeText } from "../errorSanitizer.ts";
import { kindOf } from "../fixActions.ts";
import { getChangesAround } from "../engineDb.ts";
import { claimErrorAnalysis, type ErrorAnalysisKey, finishErrorAnalysis } from "../healingDb.ts";
import { boundConfidence, boundProposal } from "./bounds.ts";
import { isOpen } from "./modelKinds.ts";
import { askAbout, QUESTION_VERSION } from "./prompt.ts";
import { type ModelReply, modelReply, replySchema } from "./reply.ts";
import { analyzeWithRules, WAS_REFUSED, wasRefused } from "./rules.ts";
import type { AnalysisMeans, AnalysisProposal, AnalysisSubject, ErrorAnalysis } from "./types.ts";

const TIMEOUT_MS = 45_000;
const LOOK_AGAIN_MS = 250;
/** What is left of the time for a worker that only waited. */
const SHORTEST_CALL_MS = 1_000;
const MAX_OUTPUT_TOKENS = 1_500;
const FAILED_SECONDS = 600;
const REFUSED_SECONDS = 86_400;

/** A model's answer, or why there is none. */
type Answer =
  | { kind: "answered"; reply: ModelReply; model: string; isCached: boolean }
  | { kind: "none"; why: string };

/** Explains an error and proposes fixes: by a model when there is one, by the rules when not. */
export async function analyzeWithModel(
  subject: AnalysisSubject,
  means: AnalysisMeans,
): Promise<ErrorAnalysis> {
  const there = means.model.availability();
  if (!there.available) return await analyzeWithRules(subject, `no model can be asked: ${there.reason}`);
  let answer: Answer;
  try {
    answer = await answerFor(subject, means, there.models);
  } catch (error) {
    means.logger.warn("an error could not be analysed by a model", { reason: messageOf(error) });
    answer = { kind: "none", why: `the question could not be kept: ${messageOf(error)}` };
  }
  if (answer.kind === "none") return await analyzeWithRules(subject, answer.why);
  const { reply, model, isCached } = answer;
  return {
    mode: "ai",
    explanation: reply.explanation,
    causes: reply.causes,
    proposals: reply.proposals.map((proposal) => present(proposal, subject)),
    isCached,
    model,
  };
}

/** From memory, from another worker that asks, or from the model. */
async function answerFor(
  subject: AnalysisSubject,
  means: AnalysisMeans,
  models: readonly string[],
): Promise<Answer> {
  const { db, clock = systemClock, random = systemRandom, timeoutMs = TIMEOUT_MS } = means;
  const until = clock.monotonic() + timeoutMs;
  const version = `${QUESTION_VERSION} ${models.join(", ")}`.slice(0, 400);
  const key: ErrorAnalysisKey = { fingerprint: subject.fingerprint, version, lease: random.uuid() };
  const question = {
    ...key,
    lease_seconds: Math.ceil(timeoutMs / 1_000) + 5,
    ...(subject.occurrences === undefined || !isOpen(subject.facts)
      ? {}
      : { occurrences: subject.occurrences }),
  };
  for (;;) {
    const claim = await claimErrorAnalysis(db, question);
    const left = until - clock.monotonic();
    switch (claim.decision) {
      case "off":
      case "failed":
        return { kind: "none", why: claim.reason };
      case "answered":
        return fromMemory(claim);
      case "ask":
        return await askModel(subject, means, key, Math.max(left, SHORTEST_CALL_MS));
      case "wait":
        if (left <= LOOK_AGAIN_MS) return { kind: "none", why: "another worker asks about the same error" };
        await clock.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** A row is not believed either: it is read as a reply is. */
function fromMemory({ analysis, model }: { analysis: unknown; model: string }): Answer {
  const parsed = modelReply.safeParse(analysis);
  return parsed.success
    ? { kind: "answered", reply: parsed.data, model, isCached: true }
    : { kind: "none", why: "what was kept of the model's answer is none any more" };
}

async function askModel(
  subject: AnalysisSubject,
  means: AnalysisMeans,
  key: ErrorAnalysisKey,
  timeoutMs: number,
): Promise<Answer> {
  try {
    const reply = await means.model.completeJson({
      messages: await askAbout(subject, {
        fence: means.fence,
        rules: await analyzeWithRules(subject),
        changes: await changesAround(subject, means),
      }),
      purpose: "error_analysis",
      schema: modelReply,
      jsonSchema: { name: "error_analysis", schema: replySchema() },
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      timeoutMs,
      allowPartial: false,
      maxReasks: 1,
    });
    const { model, costUsd: usd } = reply;
    if (reply.kind === "refused") {
      return await fail(means, key, {
        why: `the model refused (${reply.by})`,
        seconds: REFUSED_SECONDS,
        usd,
      });
    }
    const analysis = cleaned(reply.value);
    await finish(means, { ...key, analysis, model, usd });
    return { kind: "answered", reply: analysis, model, isCached: false };
  } catch (error) {
    return await fail(means, key, { why: whyOf(error), seconds: pauseAfter(error) });
  }
}

/** Nothing that a model writes is kept or shown as it came. */
function cleaned({ explanation, causes, proposals }: ModelReply): ModelReply {
  return {
    explanation: sanitizeText(explanation, { maxLength: 2_000 }),
    causes: causes.map((cause) => sanitizeText(cause, { maxLength: 500 })),
    // A parameter that no row can hold is no name of anything.
    proposals: proposals.filter(({ action }) => fitsJsonb(action)).map(({ action, confidence, because }) => ({
      action,
      confidence,
      because: sanitizeText(because, { maxLength: 500 }),
    })),
  };
}

async function fail(
  means: AnalysisMeans,
  key: ErrorAnalysisKey,
  { why, seconds, usd = "0" }: { why: string; seconds: number; usd?: string },
): Promise<Answer> {
  means.logger.warn("a model gave no analysis", { reason: why });
  await finish(means, { ...key, reason: why, retry_seconds: seconds, usd });
  return { kind: "none", why };
}

/** The answer is worth more than its memory: a database that is away does not take it. */
async function finish(
  means: AnalysisMeans,
  result: Parameters<typeof finishErrorAnalysis>[1],
): Promise<void> {
  try {
    await finishErrorAnalysis(means.db, result);
  } catch (error) {
    means.logger.warn("the end of an analysis could not be kept", { reason: messageOf(error) });
  }
}

function whyOf(error: unknown): string {
  const words = sanitizeText(messageOf(error), { maxLength: 300 });
  return isHealingError(error)
    ? `the model gave no answer (${error.code}): ${words}`
    : `the model gave no answer: ${words}`;
}

/** As long as the budget or the endpoint says, and at least a moment. */
function pauseAfter(error: unknown): number {
  const wished = isHealingError(error) ? error.retryAfterMs : undefined;
  return wished === undefined
    ? FAILED_SECONDS
    : Math.min(Math.max(Math.ceil(wished / 1_000), 60), REFUSED_SECONDS);
}

async function changesAround({ id }: AnalysisSubject, { db, logger }: AnalysisMeans): Promise<string[]> {
  if (id === undefined) return [];
  try {
    const { mended_since, suspect } = await getChangesAround(db, id);
    return [
      ...(suspect === null ? [] : [`before it came: ${suspect.what}`]),
      ...(mended_since === null ? [] : [`since it was last seen: ${mended_since.what}`]),
    ];
  } catch (error) {
    logger.warn("what changed lately could not be read", { reason: messageOf(error) });
    return [];
  }
}

/** A proposal as it may go on, whatever the model says of it. */
function present(
  { action, confidence, because: reason }: ModelReply["proposals"][number],
  subject: AnalysisSubject,
): AnalysisProposal {
  const kind = kindOf(action);
  const risk = kind.risk(action, subject.source === "migration" ? "migration" : "runtime");
  const bounded = boundProposal({ ...action }, subject.facts);
  const base = {
    action,
    confidence: boundConfidence(confidence, bounded),
    reason,
    risk,
    whatWouldHappen: kind.describe(action),
  };
  if (wasRefused({ ...action }, subject)) return { ...base, standing: "refused", because: WAS_REFUSED };
  if (bounded.standing !== "acts") return { ...base, standing: bounded.standing, because: bounded.because };
  return risk === "low" && kind.needs === "sql" ? { ...base, standing: "acts" } : {
    ...base,
    standing: "asks",
    because: "what a model proposes acts alone only with low risk and a dry run",
  };
}
