/**
 * Generating over HTTP, for the functions that offer it: the workload that the system heals. A call with a `request` begins a generation, once for
 * each request id; a call with a `request_id` alone tells how far it is, takes it up when nobody works on it, and resumes
 * one that has failed. What is not done within the wait is answered 202, and the work goes on behind the answer and in
 * the next invocations, up to the limit of five minutes.
 *
 * @module
 */

import type { AiClient, fenceUntrusted } from "./aiClient.ts";
import type { CodeModel } from "./autoFixEngine.ts";
import { runInBackground } from "./core/background.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { HealingError, messageOf } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { RpcPort } from "./core/ports.ts";
import type { PlatformSettings } from "./core/settings.ts";
import type { EdgeCall } from "./edgeHandler.ts";
import { sanitizeText } from "./errorSanitizer.ts";
import { beginGeneration, readGeneration, resumeGeneration, type ShownGeneration } from "./generationDb.ts";
import { ownFunction, readBody } from "./ownFunction.ts";
import { type GeneratorLimits, workOnGeneration } from "./projectGenerator.ts";
import { projectKindOf } from "./qualityValidator.ts";
import { answerScheduledRun } from "./scheduledRun.ts";
import { answerOf } from "./generationEndpoint/answer.ts";
import { HINT, isStart, subjectOf, titleOf, type Wanted, wantedBody } from "./generationEndpoint/request.ts";

/** What a function that generates is wired to. */
export interface GenerationDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  model: AiClient;
  fence: typeof fenceUntrusted;
  /** Mends the code that no rule can. */
  codeModel?: CodeModel | undefined;
  instanceId: string;
  logger: Logger;
  /** What this worker has left, in milliseconds. */
  remainingMs?: () => number;
  limits?: Partial<GeneratorLimits>;
  clock?: Clock;
  request?: typeof fetch;
}

type Served = GenerationDependencies & { functionName: string };

/** How often a wait for another worker looks. */
const LOOK_MS = 500;
/** How long a generation may wait for its next invocation before its caller takes it up. */
const NOBODY_CAME_MS = 2_000;

/** Makes the handler of a function that generates. */
export function generationHandler(
  functionName: string,
  dependencies: GenerationDependencies,
): (request: Request) => Promise<Response> {
  const means = { ...dependencies, methods: ["POST", "GET"] as const };
  return ownFunction(functionName, means, (call) => answer(call, { ...dependencies, functionName }));
}

async function answer(call: EdgeCall, dependencies: Served): Promise<Response> {
  const wanted = readBody(wantedBody, call.body, HINT);
  if (!isStart(wanted) && wanted.run_id !== undefined) return await continueRun(call, wanted, dependencies);
  const { db } = dependencies;
  const shown = isStart(wanted)
    ? await begin(call, wanted, dependencies)
    : wanted.resume
    ? await resumeGeneration(db, wanted.request_id)
    : await readGeneration(db, wanted.request_id);
  const ended = await workAndWait(shown, wanted.wait_seconds * 1_000, dependencies);
  const full = ended.status === "completed" && wanted.with_files
    ? await readGeneration(db, ended.request_id, true)
    : ended;
  return answerOf(full, call.requestId);
}

async function begin(
  call: EdgeCall,
  wanted: Extract<Wanted, { request: string }>,
  { db, model }: Served,
): Promise<ShownGeneration> {
  const framework = projectKindOf(wanted.framework ?? "react");
  const available = model.availability();
  if (wanted.mode === "model" && !available.available) {
    throw new HealingError("CONFIG_MISSING", `No model can write the project: ${available.reason}`, {
      hint:
        'Set the secrets OPENAI_API_KEY and OPENAI_MODEL, or ask with "mode": "template", which needs none',
    });
  }
  const request = sanitizeText(wanted.request, { maxLength: 20_000 });
  const isTest = call.caller.kind === "machine" && call.request.headers.has("x-healing-test");
  return await beginGeneration(db, {
    subject: subjectOf(call.caller, wanted.user_id, isTest),
    user_request: request,
    framework,
    title: wanted.title === undefined ? titleOf(request) : sanitizeText(wanted.title, { maxLength: 200 }),
    mode: wanted.mode,
    options: { migration: wanted.migration, auto_redeploy: wanted.auto_redeploy },
    is_test: isTest,
    ...(wanted.request_id === undefined ? {} : { id: wanted.request_id }),
    ...(wanted.project_id === undefined ? {} : { project_id: wanted.project_id }),
  });
}

/** Works on what waits, and waits for it; what somebody else works on is looked at until the wait is over. */
async function workAndWait(
  shown: ShownGeneration,
  waitMs: number,
  dependencies: Served,
): Promise<ShownGeneration> {
  if (shown.status === "completed" || shown.status === "failed") return shown;
  const { db, clock = systemClock } = dependencies;
  const until = clock.monotonic() + waitMs;
  const leftMs = () => until - clock.monotonic();
  if (shown.is_waiting) await untilEither(workBehind(shown.request_id, dependencies), waitMs, clock);
  let waitingSince: number | undefined;
  while (true) {
    const now = await readGeneration(db, shown.request_id);
    if (now.status === "completed" || now.status === "failed" || leftMs() <= 0) return now;
    waitingSince = now.is_waiting ? waitingSince ?? clock.monotonic() : undefined;
    // Where no dispatcher calls the next invocation, whoever waits is the next.
    if (waitingSince !== undefined && clock.monotonic() - waitingSince >= NOBODY_CAME_MS) {
      waitingSince = undefined;
      await untilEither(workBehind(shown.request_id, dependencies), leftMs(), clock);
    } else await clock.sleep(Math.min(LOOK_MS, leftMs()));
  }
}

/** Work that outlives the answer; its failures are in the generation's row. */
function workBehind(requestId: string, dependencies: Served): Promise<void> {
  const done = Promise.withResolvers<void>();
  runInBackground(async () => {
    try {
      await workOnGeneration(requestId, meansOf(dependencies));
    } catch (error) {
      const reason = sanitizeText(messageOf(error), { maxLength: 500 });
      dependencies.logger.error("a generation could not be worked on", { requestId, reason });
    } finally {
      done.resolve();
    }
  });
  return done.promise;
}

async function untilEither(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  if (ms <= 0) return;
  const stop = new AbortController();
  await Promise.race([work, clock.sleep(ms, stop.signal).catch(() => {})]);
  stop.abort();
}

/** The dispatcher's call: its row says that the next invocation came, and how it ended. */
function continueRun(
  call: EdgeCall,
  wanted: Exclude<Wanted, { request: string }>,
  dependencies: Served,
): Promise<Response> {
  const { db, functionName, instanceId, logger } = dependencies;
  return answerScheduledRun(
    call,
    { run_id: wanted.run_id, trigger: wanted.trigger, wait: false },
    { db, functionName, instanceId, logger },
    { status: "queued", progress: 0 },
    async (_, counters) => {
      const { status, progress } = await workOnGeneration(wanted.request_id, meansOf(dependencies));
      Object.assign(counters, { status, progress });
    },
  );
}

function meansOf(dependencies: Served) {
  const {
    db,
    model,
    fence,
    codeModel,
    logger,
    settings,
    functionName,
    instanceId,
    remainingMs,
    limits,
    clock,
  } = dependencies;
  return {
    ...{ db, model, fence, codeModel, logger, remainingMs, limits, clock },
    functionName,
    worker: `${functionName}:${instanceId}`,
    databaseUrl: settings.databaseUrl,
  };
}
