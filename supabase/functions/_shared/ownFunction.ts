/** The beginning that all functions of ours share: the guard around the work, and a body that is read strictly. @module */

import { HealingError } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { RpcPort } from "./core/ports.ts";
import type { PlatformSettings } from "./core/settings.ts";
import { z } from "./core/validation.ts";
import { type EdgeCall, edgeHandler } from "./edgeHandler.ts";
import { createHealingEvent } from "./healingDb.ts";

/** What the guard is wired to. */
export interface OwnFunctionMeans {
  settings: PlatformSettings;
  /** Where refusals leave their trace. */
  db: RpcPort;
  logger: Logger;
  /** How the project's authentication is asked; `fetch`. */
  request?: typeof fetch;
  /** Longest body in bytes; 1 MB. */
  maxBodyBytes?: number;
  /** What is answered; POST. */
  methods?: readonly ("GET" | "POST")[];
}

/** A handler that lets machines and admins in; each refusal leaves a trace. */
export function ownFunction(
  functionName: string,
  { db, settings, logger, request, maxBodyBytes, methods }: OwnFunctionMeans,
  work: (call: EdgeCall) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return edgeHandler({
    functionName,
    settings,
    trace: (event) => createHealingEvent(db, event),
    logger,
    ...(request === undefined ? {} : { request }),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    ...(methods === undefined ? {} : { methods }),
  }, work);
}

/** The body as the schema reads it; one that does not fit is refused, and `hint` says what to send. */
export function readBody<Body>(schema: z.ZodType<Body>, body: unknown, hint: string): Body {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new HealingError("BAD_REQUEST", `The body does not fit: ${z.prettifyError(parsed.error)}`, { hint });
}
