/** The budget of AI calls, their record, and the replies that may be given again. @module */

import type { Json, RpcPort } from "../core/ports.ts";

/** How a request to a model ended. */
export type AiCallOutcome = "answered" | "cut" | "refused" | "failed";

/** What a request to a model is about, as the report of costs names it. */
export interface AiCallSubject {
  /** Made by the caller; the same one reserves and settles. */
  id: string;
  model: string;
  /** Host and path of the endpoint, never with a key. */
  endpoint: string;
  purpose: string;
  function_name: string;
  /** The hash of the request. */
  fingerprint: string;
}

/** The most that a request can use. */
export interface AiReservation extends AiCallSubject {
  prompt_tokens: number;
  completion_tokens: number;
}

/** Whether a request fits into the budget of the day; dollars are decimal texts. */
export type AiReservationAnswer = {
  decision: "reserved";
  /** Dollars for a million tokens. */
  price: { input: string; output: string };
  /** Whether texts are kept beside the cost. */
  records_texts: boolean;
} | {
  decision: "refused";
  about: "tokens" | "usd";
  limit: string;
  committed: string;
  asked: string;
  resets_in_ms: number;
};

/** How a request ended and what it used. */
export interface AiSettlement extends AiReservation {
  outcome: AiCallOutcome;
  /** True when the provider did not say what was used. */
  is_estimate: boolean;
  error_type?: string;
  duration_ms: number;
  request_id?: string;
  /** Sanitised; kept only while the setting `ai_record_texts` is on. */
  texts?: { prompt: string; reply: string };
}

/** A cached reply's key. */
export interface AiReplyKey {
  fingerprint: string;
  /** The hash of the subject that the reply is for; empty for one that holds nothing personal. */
  subject_hash: string;
}

/** The budget of today; dollars are decimal texts. */
export interface AiBudget {
  day: string;
  limit_tokens: number;
  limit_usd: number;
  committed_tokens: number;
  committed_usd: string;
  refused: number;
}

/** Reserves the most that a request can use, from the budget of the day. */
export function reserveAiCall(db: RpcPort, call: AiReservation): Promise<AiReservationAnswer> {
  return db.call("reserve_ai_call", { p_call: call });
}

/** Puts what a request used in the place of its reservation; false when that was done before. */
export function settleAiCall(db: RpcPort, call: AiSettlement): Promise<boolean> {
  return db.call("settle_ai_call", { p_call: call });
}

/** The cached reply of exactly this request and subject, or null. */
export function findAiReply(
  db: RpcPort,
  key: AiReplyKey & { purpose: string; function_name: string },
): Promise<{ model: string; reply: string } | null> {
  return db.call("find_ai_reply", { p_key: key });
}

/** Keeps a reply for its subject; false when there is no room for it. */
export function storeAiReply(
  db: RpcPort,
  reply: AiReplyKey & { model: string; reply: string; ttl_seconds: number },
): Promise<boolean> {
  return db.call("store_ai_reply", { p_reply: reply });
}

/** The AI budget of today. */
export function getAiBudget(db: RpcPort): Promise<AiBudget> {
  return db.call("get_ai_budget", {});
}

/** A question about an error: the error's key, the version of model and question, and who asks. */
export interface ErrorAnalysisKey {
  fingerprint: string;
  version: string;
  /** A uuid of the asker's own. */
  lease: string;
}

/** What is known of a question. */
export type ErrorAnalysisClaim =
  | { decision: "answered"; analysis: Json; model: string; asked_at: string }
  | { decision: "failed" | "off"; reason: string }
  /** `ask`: the caller holds the lease. `wait`: another one does. */
  | { decision: "ask" | "wait" };

/** How a question ended; without an analysis it failed, and is asked again after a while. */
export type ErrorAnalysisEnd =
  & ErrorAnalysisKey
  & { usd: string }
  & (
    | { analysis: object; model: string }
    | { reason: string; retry_seconds: number }
  );

/** Takes the question about an error, or gives what is known of it. */
export function claimErrorAnalysis(
  db: RpcPort,
  key: ErrorAnalysisKey & { lease_seconds: number; occurrences?: number },
): Promise<ErrorAnalysisClaim> {
  return db.call("claim_error_analysis", { p_key: key });
}

/** Ends a question; false when its lease was lost. */
export function finishErrorAnalysis(db: RpcPort, end: ErrorAnalysisEnd): Promise<boolean> {
  return db.call("finish_error_analysis", { p_result: end });
}
