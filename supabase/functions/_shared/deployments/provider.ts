/** What every provider of deployments does, and what it can say. @module */

import type { Clock } from "../core/clock.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { z } from "../core/validation.ts";
import type { ClaimedDeployment } from "../deploymentDb.ts";
import { sanitizeText } from "../errorSanitizer.ts";
import type { Api, ApiAnswer, ApiOptions, Silence } from "./api.ts";

/** What is known of a deployment from its provider. */
export interface Seen {
  reason: string;
  /** The provider's own name for it. */
  id?: string | undefined;
  url?: string | undefined;
  /** The provider's own word for its state. */
  state?: string | undefined;
  progress?: { [key: string]: Json };
}

/** Why a deployment failed, in words that the classifier of errors knows. */
export interface DeploymentFailure {
  message: string;
  code?: string | undefined;
  status?: number | undefined;
  /** The edge function that it is about. */
  functionName?: string | undefined;
}

/** One look at a deployment. What is not known is said so, and never taken for success. */
export type Look =
  | Seen & { kind: "building"; nextCheckSeconds?: number }
  | Seen & { kind: "ready"; proof?: Json }
  | Seen & { kind: "failed"; failure: DeploymentFailure }
  | Seen & { kind: "cancelled" | "blocked" }
  /** The provider answered, and does not have it. */
  | Seen & { kind: "absent" }
  /** It may be there or not, this far or that far. */
  | Seen & { kind: "cannotTell"; retryAfterSeconds?: number | undefined }
  /** Nothing was taken, for certain, and it may be sent again. */
  | Seen & { kind: "notTaken"; retryAfterSeconds?: number | undefined };

/** What is about to be sent, and what stands there now. */
export interface Preparation {
  kind: "prepared";
  intent: { [key: string]: Json };
  /** Null when there is nothing to go back to. */
  rollbackPoint: { [key: string]: Json } | null;
}

/** What a provider works with. */
export interface Job<Config> {
  deployment: ClaimedDeployment;
  config: Config;
  token: string;
  api: Api;
  db: RpcPort;
  clock: Clock;
}

/** One way to deploy. Only `send` and `cancel` change anything outside. */
export interface DeploymentProvider<Config = unknown> {
  configSchema: z.ZodType<Config>;
  /** How its interface is reached. */
  reach(config: Config, token: string): Pick<ApiOptions, "baseUrl" | "headers" | "timeoutMs">;
  /** Reads what it needs to know before; sends nothing that changes anything. */
  prepare(job: Job<Config>): Promise<Preparation | Look>;
  /** Sends what was recorded as intended. */
  send(job: Job<Config>): Promise<Look>;
  /** Finds it, by the provider's name or by ours, and reads where it is. */
  look(job: Job<Config>): Promise<Look>;
  /** Asks the provider to stop it; whether it did, a look says. */
  cancel?(job: Job<Config>): Promise<void>;
}

/** A failure with its reason. */
export function failed(reason: string, failure: Partial<DeploymentFailure> = {}): Look {
  const clean = sanitizeText(reason, { maxLength: 1_000 });
  return { kind: "failed", reason: clean, failure: { message: clean, ...failure } };
}

/** A module that is missing, in the bundler's own words: those of the platform around them hide what is to be mended. */
export function bundlerWords(message: string): string {
  return /Module not found "[^"]{1,500}"|Relative import path "[^"]{1,500}" not prefixed[^)]{0,500}/.exec(
    message,
  )?.[0] ??
    message;
}

/** What no answer, or a refusal, of a call that changes something means. */
export function refusalOf(answer: ApiAnswer | Silence, what: string): Look {
  if (answer.kind === "silence") {
    return { kind: answer.mayBeTaken ? "cannotTell" : "notTaken", reason: `${what}: ${answer.reason}` };
  }
  const { status, retryAfterSeconds } = answer;
  if (answer.isLimited) {
    return { kind: "notTaken", reason: `${what}: too many requests (status ${status})`, retryAfterSeconds };
  }
  const words = sanitizeText(answer.text, { maxLength: 1_500 });
  const reason = `${what}: status ${status}: ${words}`;
  // The other side may have done it before it fell over.
  if (status >= 500 || status === 408) return { kind: "cannotTell", reason, retryAfterSeconds };
  return failed(reason, { status });
}

/** What no answer, or a refusal, of a call that only reads means: nothing is known. */
export function unreadable(answer: ApiAnswer | Silence, what: string): Look & { kind: "cannotTell" } {
  if (answer.kind === "silence") return { kind: "cannotTell", reason: `${what}: ${answer.reason}` };
  const { status, retryAfterSeconds } = answer;
  const words = sanitizeText(answer.text, { maxLength: 300 });
  return {
    kind: "cannotTell",
    reason: `${what} cannot be read: status ${status}: ${words}`,
    retryAfterSeconds,
  };
}
