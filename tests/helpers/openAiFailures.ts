/** Behaviours of the local OpenAI server that fail, with bodies and headers as the real services send them. @module */

import { json } from "./openAiReplies.ts";
import type { Behaviour } from "./openAiServer.ts";

/** The parts of an error's body. */
export interface OpenAiErrorBody {
  message: string;
  type?: string | null;
  param?: string | null;
  code?: string | number | null;
}

/** An answer with an error's body; what is left out is as in most errors. */
export function openAiError(
  status: number,
  error: OpenAiErrorBody,
  headers: Record<string, string> = {},
): Response {
  return json(
    status,
    { error: { type: "invalid_request_error", param: null, code: null, ...error } },
    headers,
  );
}

/** Fails with this error. */
export function fails(
  status: number,
  error: OpenAiErrorBody,
  headers: Record<string, string> = {},
): Behaviour {
  return () => openAiError(status, error, headers);
}

/** 400: the prompt is longer than the model's context. */
export function contextLength(limit = 8_192, requested = 9_000): Behaviour {
  return fails(400, {
    message: `This model's maximum context length is ${limit} tokens. However, your messages resulted in ` +
      `${requested} tokens. Please reduce the length of the messages.`,
    param: "messages",
    code: "context_length_exceeded",
  });
}

/** 400 for requests with `max_tokens`; the others get `otherwise`. */
export function knowsNoMaxTokens(otherwise: Behaviour): Behaviour {
  return refusesParameter("max_tokens", otherwise, {
    message:
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    code: "unsupported_parameter",
  });
}

/** 400 for requests with `temperature`; the others get `otherwise`. */
export function knowsNoTemperature(otherwise: Behaviour): Behaviour {
  return refusesParameter("temperature", otherwise, {
    message:
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    code: "unsupported_value",
  });
}

/** 400 for requests with `response_format`; the others get `otherwise`. */
export function knowsNoResponseFormat(otherwise: Behaviour): Behaviour {
  return refusesParameter("response_format", otherwise, {
    message: "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
  });
}

/** 400 for requests with `stream_options`; the others get `otherwise`. */
export function knowsNoStreamOptions(otherwise: Behaviour): Behaviour {
  return refusesParameter("stream_options", otherwise, {
    message: "Unrecognized request argument supplied: 'stream_options'",
  });
}

function refusesParameter(name: string, otherwise: Behaviour, error: OpenAiErrorBody): Behaviour {
  return (request) =>
    request.body[name] === undefined ? otherwise(request) : openAiError(400, { param: name, ...error });
}

/** 401: the key is wrong; the message repeats a part of it, as the real one does. */
export function wrongKey(): Behaviour {
  return fails(401, {
    message:
      "Incorrect API key provided: sk-proj-abcdEFGH1234ijklMNOP5678qrstUVWX. You can find your API key in the settings.",
    code: "invalid_api_key",
  });
}

/** 403: the country is not served. */
export function regionBlocked(): Behaviour {
  return fails(403, {
    message: "Country, region, or territory not supported",
    type: "request_forbidden",
    code: "unsupported_country_region_territory",
  });
}

/** 404: there is no such model. */
export function modelMissing(model = "no-such-model"): Behaviour {
  return fails(404, {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    code: "model_not_found",
  });
}

/** 429: too many requests at the moment. */
export function rateLimited({ retryAfterS }: { retryAfterS?: number } = {}): Behaviour {
  const headers: Record<string, string> = retryAfterS === undefined
    ? {}
    : { "retry-after": `${retryAfterS}` };
  return fails(429, {
    message:
      "Rate limit reached for test-model in organization org-test on requests per min (RPM): Limit 3, Used 3, Requested 1.",
    type: "requests",
    code: "rate_limit_exceeded",
  }, headers);
}

/** 429 that never passes: the request alone is above the limit. */
export function requestTooLarge(limit = 30_000, requested = 31_250): Behaviour {
  return fails(429, {
    message:
      `Request too large for test-model in organization org-test on tokens per min (TPM): Limit ${limit}, ` +
      `Requested ${requested}. The input or output tokens must be reduced in order to run successfully.`,
    type: "tokens",
    code: "rate_limit_exceeded",
  });
}

/** 429 that never passes: nothing is left of the plan. */
export function quotaUsedUp(): Behaviour {
  return fails(429, {
    message: "You exceeded your current quota, please check your plan and billing details.",
    type: "insufficient_quota",
    code: "insufficient_quota",
  });
}

/** 500. */
export function serverError(): Behaviour {
  return fails(500, {
    message: "The server had an error while processing your request. Sorry about that!",
    type: "server_error",
  });
}

/** 503. */
export function overloaded(): Behaviour {
  return fails(503, {
    message: "Our servers are currently overloaded. Please try again later.",
    type: "service_unavailable_error",
    code: "server_is_overloaded",
  });
}

/** 529, as another provider says it. */
export function overloaded529(): Behaviour {
  return () => json(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
}

/** 400: the prompt was flagged. */
export function promptFlagged(): Behaviour {
  return fails(400, {
    message: "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    code: "invalid_prompt",
  });
}

/** A proxy between the two answers with a page. */
export function proxyPage(status = 502): Behaviour {
  return () =>
    new Response(
      "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>",
      {
        status,
        headers: { "content-type": "text/html" },
      },
    );
}

/** A gateway wraps an error in an answer with status 200. */
export function wrappedError(code: number, message = "Provider returned error"): Behaviour {
  return () => json(200, { error: { message, code } });
}

/** A body as long as asked for, which is JSON and means nothing. */
export function sendsBytes(count: number): Behaviour {
  return () => {
    let left = count;
    const chunk = new Uint8Array(65_536).fill(32);
    const body = new ReadableStream({
      pull(controller) {
        if (left <= 0) return controller.close();
        controller.enqueue(chunk.slice(0, Math.min(left, chunk.length)));
        left -= chunk.length;
      },
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
}
