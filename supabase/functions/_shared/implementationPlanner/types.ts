/** The words that planning speaks with its callers. @module */

import type { ProjectLimits } from "../core/projectPaths.ts";
import type { JsonSchemaLike, JsonValue } from "../robustJsonParser.ts";

/** What a model is asked. */
export interface PlannerQuestion<T> {
  messages: readonly { role: "system" | "user"; content: string }[];
  purpose: string;
  schema: JsonSchemaLike<T>;
  jsonSchema: { name: string; schema: Record<string, JsonValue> };
  maxOutputTokens: number;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What planning needs of a client of models. */
export interface PlannerModel {
  completeJson<T>(
    question: PlannerQuestion<T>,
  ): Promise<{ kind: "answered"; value: T } | { kind: "refused"; by: string; message: string }>;
}

/** What is to be planned. */
export interface PlanOrder {
  /** What was asked for; sanitised. */
  request: string;
  /** The kind of project, such as `react-vite`. */
  framework: string;
  /** Where what the project needs of a database belongs. */
  migrationPath: string;
  /** Puts the words of the outside into a prompt as data. */
  fence(text: string, options: { label: string }): Promise<{ text: string; rule: string }>;
}

/** One file that a project will have. */
export interface PlannedFile {
  path: string;
  purpose: string;
}

/** A plan, as far as it is known. */
export interface PlanSoFar {
  title: string;
  description: string;
  files: PlannedFile[];
  isWhole: boolean;
  /** Replies that it came in. */
  parts: number;
}

/** How it is asked for. */
export interface PlanOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
  limits?: ProjectLimits;
}
