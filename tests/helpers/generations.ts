/** Generations as the tests of their SQL need them. @module */

import type { TestDatabase } from "./database.ts";

/** A generation as SQL answers it. */
export interface Generation {
  request_id: string;
  project_id: string;
  status: string;
  stage: string;
  progress: number;
  begun?: boolean;
  resumed?: boolean;
  claimed?: boolean;
  claim_number: number;
  claim_count: number;
  checkpoint: unknown;
  drafts: { path: string; content: string }[];
  failure: { code: string; error_type: string; message: string; hint: string | null } | null;
  files: { path: string; content?: string }[] | null;
  project: Record<string, unknown> | null;
  quality: Record<string, unknown> | null;
  is_waiting: boolean;
}

/** Begins a generation. */
export function begin(database: TestDatabase, changes: Record<string, unknown> = {}): Promise<Generation> {
  return database.rpc("begin_generation", {
    p_request: { subject: "user-1", user_request: "a to-do list", framework: "react-vite", ...changes },
  });
}

/** Takes a generation. */
export function claim(database: TestDatabase, id: string, worker = "worker-1"): Promise<Generation> {
  return database.rpc("claim_generation", { p_request_id: id, p_worker: worker, p_lease_seconds: 45 });
}

/** A good measurement. */
export const METRICS = {
  quality_score: 100,
  validation_passed: true,
  missing_files: [],
  issues: [],
  issue_count: 0,
  error_count: 0,
  fixes_applied: 0,
  files_added: 0,
};

/** Saves a claimed generation with two files. */
export function save(
  database: TestDatabase,
  { request_id, claim_number }: Generation,
  changes: Record<string, unknown> = {},
): Promise<Generation> {
  return database.rpc("save_generated_project", {
    p_request_id: request_id,
    p_claim_number: claim_number,
    p_project: { title: "To do", description: "A list", plan: { files: [] } },
    p_files: [{ path: "index.html", content: "<html></html>" }, { path: "src/App.tsx", content: "é" }],
    p_metrics: METRICS,
    ...changes,
  });
}

/** Puts a generation's lease into the past, as time would. */
export async function expireLease(database: TestDatabase, id: string): Promise<void> {
  await database.query(
    "update generation_requests set lease_expires_at = now() - interval '1 second' where id = $1",
    [id],
  );
}

/** Puts a generation's limit into the past, as time would. */
export async function passLimit(database: TestDatabase, id: string): Promise<void> {
  await database.query(
    "update generation_requests set deadline_at = now() - interval '1 second' where id = $1",
    [id],
  );
}
