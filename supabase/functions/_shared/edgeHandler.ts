/**
 * What every function of ours has around it: CORS, method and size, who is calling, a request id, and coded errors.
 *
 * Machines present a secret key on `apikey` (or the cron secret); people present a token that the project's own
 * authentication vouches for, with `app_metadata.role = "admin"`. Everybody else is refused, and the refusal leaves
 * a trace.
 *
 * @module
 */

import { runInBackground } from "./core/background.ts";
import { HealingError, isHealingError, messageOf, statusOf, toPublicError } from "./core/errors.ts";
import { createLogger, type Logger } from "./core/logger.ts";
import { matchesAnySecret } from "./core/secrets.ts";
import type { PlatformSettings } from "./core/settings.ts";
import type { InsertHealingEvent } from "./healingDb.ts";
import { observeRequest, type RequestMonitor } from "./requestObserver.ts";
import { traceAnswer } from "./tracing.ts";

/** Who calls. */
export type Caller = { kind: "machine" } | { kind: "admin"; id: string };

/** A call that was let in. */
export interface EdgeCall {
  request: Request;
  requestId: string;
  caller: Caller;
  /** The parsed JSON body; `{}` when there is none. Of a GET its query, as texts. */
  body: unknown;
}

/** How a function is guarded. */
export interface EdgeHandlerOptions {
  functionName: string;
  settings: PlatformSettings;
  /** Records refusals; its failure changes nothing. */
  trace: (event: InsertHealingEvent) => Promise<unknown>;
  /** Longest body in bytes; 1 MB. */
  maxBodyBytes?: number;
  /** What is answered besides OPTIONS; POST. A GET has its query as its body. */
  methods?: readonly ("GET" | "POST")[];
  /** How the project's authentication is asked; `fetch`. */
  request?: typeof fetch;
  logger?: Logger;
  /** Told of each request, its duration and its outcome; the isolate's own when left out. */
  monitor?: RequestMonitor;
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers":
    "authorization, x-client-info, apikey, content-type, x-request-id, traceparent, tracestate, baggage",
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-expose-headers": "x-request-id, traceparent",
};

/** Refusals traced in a minute; a flood of them must not become a flood of rows. */
const MAX_TRACES_PER_MINUTE = 20;

/** Wraps the work of one of our functions. */
export function edgeHandler(
  options: EdgeHandlerOptions,
  work: (call: EdgeCall) => Promise<Response>,
): (request: Request) => Promise<Response> {
  const logger = options.logger ?? createLogger(options.functionName);
  const mayTrace = rateLimit(MAX_TRACES_PER_MINUTE, 60_000);
  const methods: readonly string[] = options.methods ?? ["POST"];
  const cors = { ...CORS, "access-control-allow-methods": [...methods, "OPTIONS"].join(", ") };
  return async (request) => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: cors });
    return await observeRequest(request, options.functionName, () => answer(request), options.monitor);
  };

  async function answer(request: Request): Promise<Response> {
    const requestId = crypto.randomUUID();
    try {
      if (!methods.includes(request.method)) {
        throw new HealingError("METHOD_NOT_ALLOWED", `${request.method} is not answered here`, {
          hint: `Use ${methods.join(" or ")}`,
        });
      }
      const caller = await authenticate(request, options);
      const body = await readBody(request, options.maxBodyBytes ?? 1_000_000);
      return withHeaders(await work({ request, requestId, caller, body }), requestId);
    } catch (thrown) {
      if (isRefusal(thrown) && mayTrace()) {
        runInBackground(() => options.trace(refusalEvent(thrown, requestId, options)));
      }
      if (!isHealingError(thrown)) {
        const { sanitizeText } = await import("./errorSanitizer.ts");
        logger.error("a request failed", {
          requestId,
          reason: sanitizeText(messageOf(thrown), { maxLength: 2_000 }),
        });
      }
      return failure(thrown, requestId);
    }
  }
}

async function authenticate(request: Request, options: EdgeHandlerOptions): Promise<Caller> {
  const { machineKeys } = options.settings;
  const token = request.headers.get("authorization")?.replace(/^Bearer\s+/i, "") || null;
  for (const key of [request.headers.get("apikey"), token]) {
    if (await matchesAnySecret(key, machineKeys)) return { kind: "machine" };
  }
  if (token === null || token === options.settings.publishableKey) {
    throw new HealingError("UNAUTHORIZED", "This function answers machines and admins only", {
      hint: "Send a secret key on the apikey header, or an admin's token as bearer",
    });
  }
  return await authenticateAdmin(token, options);
}

/** The project's own authentication judges the token: signature, expiry, and rights as they are now. */
async function authenticateAdmin(
  token: string,
  { settings, request = fetch }: EdgeHandlerOptions,
): Promise<Caller> {
  if (settings.url === undefined || settings.publishableKey === undefined) {
    throw new HealingError(
      "UNAUTHORIZED",
      "Tokens cannot be checked as the project's address or public key is not set",
    );
  }
  const answer = await request(`${settings.url}/auth/v1/user`, {
    headers: { apikey: settings.publishableKey, authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    if (answer.status >= 500) {
      throw new HealingError("UNAVAILABLE", "The token could not be checked", { hint: "Try again" });
    }
    throw new HealingError("UNAUTHORIZED", "The token is not valid", { hint: "Sign in again" });
  }
  const user = await answer.json() as { id?: string; app_metadata?: { role?: string } };
  if (user.app_metadata?.role !== "admin" || typeof user.id !== "string") {
    throw new HealingError("FORBIDDEN", "This function answers admins only", {
      hint: "An admin has app_metadata.role = admin; user_metadata does not count",
    });
  }
  return { kind: "admin", id: user.id };
}

async function readBody(request: Request, maxBytes: number): Promise<unknown> {
  if (request.method === "GET") return Object.fromEntries(new URL(request.url).searchParams);
  if (request.body === null) return {};
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new HealingError("PAYLOAD_TOO_LARGE", `The body is longer than ${maxBytes} bytes`, {
        hint: "Send less",
      });
    }
    chunks.push(chunk);
  }
  const text = await new Blob(chunks as BlobPart[]).text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HealingError("BAD_REQUEST", "The body is not JSON", { hint: "Send a JSON object", cause });
  }
}

function isRefusal(thrown: unknown): thrown is HealingError {
  return isHealingError(thrown) && (thrown.code === "UNAUTHORIZED" || thrown.code === "FORBIDDEN");
}

function refusalEvent(
  thrown: HealingError,
  requestId: string,
  options: EdgeHandlerOptions,
): InsertHealingEvent {
  return {
    event_type: "access_refused",
    category: "auth",
    severity: "medium",
    result: "failure",
    message: `${thrown.code}: ${thrown.message}`,
    function_name: options.functionName,
    request_id: requestId,
  };
}

function failure(thrown: unknown, requestId: string): Response {
  const publicError = toPublicError(thrown, requestId);
  return withHeaders(Response.json(publicError, { status: statusOf(publicError.code) }), requestId);
}

function withHeaders(response: Response, requestId: string): Response {
  for (const [name, value] of Object.entries(CORS)) response.headers.set(name, value);
  for (const [name, value] of Object.entries(traceAnswer())) response.headers.set(name, value);
  response.headers.set("x-request-id", requestId);
  return response;
}

/** True for the first `limit` calls of each window. */
function rateLimit(limit: number, windowMs: number): () => boolean {
  let windowStart = Number.NEGATIVE_INFINITY;
  let used = 0;
  return () => {
    const now = performance.now();
    if (now - windowStart >= windowMs) {
      windowStart = now;
      used = 0;
    }
    return ++used <= limit;
  };
}
