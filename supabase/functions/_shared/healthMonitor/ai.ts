/** Whether the endpoint of the language model answers, takes the key, and offers the model. @module */

import type { AiTarget } from "../core/settings.ts";
import { isRecord } from "../core/unknownValues.ts";
import { askProvider, judgeReply } from "./ask.ts";
import { type HealthCheck, type HealthLook, notConfigured } from "./check.ts";

const PROVIDER = "The endpoint of the language model";

/** The check; it asks for the list of models, which costs nothing. */
export function aiCheck(account: AiTarget | { missing: string }, request: typeof fetch): HealthCheck {
  return {
    name: "ai",
    limitMs: 10_000,
    async look(signal) {
      if ("missing" in account) return notConfigured(account.missing);
      const reply = await askProvider({
        provider: PROVIDER,
        url: `${account.baseUrl}/models`,
        headers: { authorization: `Bearer ${account.apiKey}` },
        signal,
        fetch: request,
      });
      // Not every endpoint of the protocol lists its models, and that alone is no fault.
      if (reply.status === 404 || reply.status === 405) {
        return { status: "unknown", reason: `${PROVIDER} lists no models (${reply.status})` };
      }
      return judgeReply(PROVIDER, reply) ?? judgeModels(reply.body, account.model);
    },
  };
}

function judgeModels(body: unknown, model: string): HealthLook {
  const list = isRecord(body) && Array.isArray(body.data) ? body.data : [];
  const names = list.flatMap((entry) => isRecord(entry) && typeof entry.id === "string" ? [entry.id] : []);
  if (names.length === 0) return { status: "unknown", reason: `${PROVIDER} answers and lists no models` };
  const isOffered = names.some((name) =>
    name === model || name.endsWith(`/${model}`) || name.startsWith(`${model}:`)
  );
  return isOffered
    ? {
      status: "healthy",
      reason: `${PROVIDER} answers and offers ${model}`,
      details: { models: names.length },
    }
    : {
      status: "degraded",
      reason: `${PROVIDER} answers and does not list ${model}`,
      details: { models: names.length },
    };
}
