/**
 * Deploys by a hook of the project's own: a signed request, and where there is one a signed question after its state.
 *
 * The signature is HMAC-SHA-256 over the time and the body, so that nobody else can make or repeat a request.
 *
 * @module
 */

import { endpointOf } from "../core/settings.ts";
import { z } from "../core/validation.ts";
import { textAt } from "./api.ts";
import {
  type DeploymentProvider,
  failed,
  type Job,
  type Look,
  type Preparation,
  refusalOf,
  unreadable,
} from "./provider.ts";

// An address with a query may hold a secret, and rows hold none.
const address = z.string().refine(
  (url) => endpointOf(url) !== undefined,
  "is no https address without a query",
);

const configSchema = z.strictObject({
  url: address,
  /** Asked as `<statusUrl>/<deployment id>`; answers `{ status, reason?, url? }`, or 404 when it knows of none. */
  statusUrl: address.optional(),
  /** The receiver makes a request that comes twice under one key only once. */
  honoursIdempotencyKey: z.boolean().default(false),
  /** An accepted request is a finished deployment. Without it, and without a statusUrl, acceptance proves nothing. */
  acceptedIsReady: z.boolean().default(false),
  /** The receiver knows the action `rollback`. */
  canRollBack: z.boolean().default(false),
});

type Config = z.infer<typeof configSchema>;
type HookJob = Job<Config>;

/** The provider `hook`. */
export const hook: DeploymentProvider<Config> = {
  configSchema,
  // Both addresses are whole, and each request is signed for itself.
  reach: () => ({ baseUrl: "", headers: {} }),
  prepare,
  send,
  look,
};

function prepare({ deployment, config }: HookJob): Promise<Preparation | Look> {
  if (deployment.action === "promote") return Promise.resolve(failed("A hook cannot promote"));
  const { id, action, subject } = deployment;
  return Promise.resolve({
    kind: "prepared",
    intent: { key: id, action, restoresBefore: subject?.id ?? null },
    rollbackPoint: config.canRollBack ? { before: id } : null,
  });
}

async function send(job: HookJob): Promise<Look> {
  const { deployment, config, api } = job;
  const body = JSON.stringify({
    deployment_id: deployment.id,
    project_id: deployment.project_id,
    action: deployment.action,
    environment: deployment.environment,
    reason: deployment.trigger_reason,
    changes: deployment.changes,
    restores_before: textAt(deployment.intent, "restoresBefore") ?? null,
  });
  const answer = await api({
    method: "POST",
    path: config.url,
    body,
    headers: {
      ...await signatureOf(job, body),
      "content-type": "application/json",
      "idempotency-key": deployment.id,
    },
  });
  if (answer.kind === "silence" || !answer.ok) return refusalOf(answer, "The hook did not take it");
  if (textAt(answer.json, "status") !== undefined) return stateOf(answer.json, job);
  if (config.acceptedIsReady) {
    return { kind: "ready", reason: "the hook has accepted it", proof: { accepted: answer.status } };
  }
  return config.statusUrl === undefined
    ? { kind: "cannotTell", reason: "the hook has accepted it, and says nothing about the deployment" }
    : { kind: "building", reason: "the hook has accepted it", progress: { accepted: true } };
}

/** The headers that prove who sends, and when. */
async function signatureOf({ token, clock }: HookJob, body: string): Promise<Record<string, string>> {
  const time = String(Math.floor(clock.now() / 1_000));
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(token),
    { name: "HMAC", hash: "SHA-256" },
    false,
    [
      "sign",
    ],
  );
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(`${time}.${body}`));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { "x-healing-timestamp": time, "x-healing-signature": `sha256=${hex}` };
}

async function look(job: HookJob): Promise<Look> {
  const { deployment, config, api } = job;
  if (config.statusUrl === undefined) {
    return config.honoursIdempotencyKey && deployment.progress.accepted !== true
      // Not seen, and harmless to send once more.
      ? { kind: "absent", reason: "nobody can be asked; its key makes it safe to send once more" }
      : { kind: "cannotTell", reason: "nobody can be asked what became of it: the hook has no statusUrl" };
  }
  const path = `${config.statusUrl}/${deployment.id}`;
  const answer = await api({ method: "GET", path, headers: await signatureOf(job, deployment.id) });
  if (answer.kind === "answer" && answer.status === 404 && deployment.progress.accepted !== true) {
    return { kind: "absent", reason: "the hook knows of none with this id" };
  }
  return answer.kind === "answer" && answer.ok
    ? stateOf(answer.json, job)
    : unreadable(answer, "the hook's status");
}

function stateOf(body: unknown, { deployment }: HookJob): Look {
  const state = textAt(body, "status");
  const words = textAt(body, "reason") ?? `the hook says ${state}`;
  const seen = { state, reason: words, url: textAt(body, "url"), id: textAt(body, "id") ?? deployment.id };
  switch (state) {
    case "queued":
    case "building":
      return { ...seen, kind: "building", progress: { accepted: true } };
    case "ready":
      return { ...seen, kind: "ready", proof: { status: "ready", id: seen.id } };
    case "failed":
      return { ...failed(`Build failed: ${words}`), state, id: seen.id };
    case "cancelled":
    case "blocked":
      return { ...seen, kind: state };
    default:
      return { ...seen, kind: "cannotTell", reason: "the hook answered without a status that is known" };
  }
}
