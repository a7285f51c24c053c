/** What may be asked of the orchestrator. @module */

import { z } from "../core/validation.ts";
import type { Caller } from "../edgeHandler.ts";

const yes = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

/** The platform ends a request that is silent for 150 s. */
const MOST_WAIT_SECONDS = 100;

const start = z.strictObject({
  request: z.string().refine((text) => text.trim() !== "", "is empty").max(20_000),
  /** `react` when left out. */
  framework: z.string().max(60).nullish(),
  title: z.string().max(200).optional(),
  /** `template` needs no model. */
  mode: z.enum(["model", "template"]).default("model"),
  /** The idempotency key: the same id begins nothing twice. */
  request_id: z.uuid().optional(),
  /** Of the project that it will be, and of the channel `ai-status-<project_id>`. */
  project_id: z.uuid().optional(),
  /** On whose behalf a machine asks: generations are capped for each. */
  user_id: z.string().min(1).max(200).optional(),
  /** `apply` asks for its migration to be applied, where the settings allow that. */
  migration: z.enum(["propose", "apply"]).default("propose"),
  /** Whether what heals the project later may ask for a redeploy. */
  auto_redeploy: z.boolean().default(false),
  wait_seconds: z.number().min(0).max(MOST_WAIT_SECONDS).default(20),
  with_files: z.boolean().default(true),
});

const look = z.strictObject({
  request_id: z.uuid(),
  /** Lets one that has failed go on from its checkpoint, with a new limit. */
  resume: yes.default(false),
  with_files: yes.default(true),
  wait_seconds: z.coerce.number().min(0).max(MOST_WAIT_SECONDS).default(0),
  run_id: z.uuid().optional(),
  trigger: z.string().max(50).default("manual"),
});

/** A call: one that begins, or one that looks. */
export const wantedBody = z.union([start, look]);

/** What was asked. */
export type Wanted = z.infer<typeof wantedBody>;

/** What to send instead of what did not fit. */
export const HINT =
  'Send {"request": string, "framework"?: string, "title"?, "mode"?: "model" | "template", "request_id"?: uuid, ' +
  '"project_id"?: uuid, "user_id"?, "migration"?: "propose" | "apply", "auto_redeploy"?, "wait_seconds"?: 0..100, ' +
  '"with_files"?}, or {"request_id": uuid, "resume"?: boolean, "wait_seconds"?, "with_files"?}';

/** Whether a call begins a generation. */
export function isStart(wanted: Wanted): wanted is Extract<Wanted, { request: string }> {
  return "request" in wanted;
}

/** Who is meant: what one has is capped. */
export function subjectOf(caller: Caller, userId: string | undefined, isTest: boolean): string {
  if (isTest) return "test";
  if (caller.kind === "admin") return `admin:${caller.id}`;
  return userId === undefined ? "machine" : `user:${userId}`;
}

/** The first words of a request, as a title. */
export function titleOf(request: string): string {
  const [line = ""] = request.trim().split(/[\n.!?]/);
  const plain = line.replace(/\s+/g, " ").trim();
  const short = plain.length <= 60 ? plain : plain.slice(0, 60).replace(/\s\S*$/, "");
  return short === "" ? "App" : short[0]!.toUpperCase() + short.slice(1);
}
