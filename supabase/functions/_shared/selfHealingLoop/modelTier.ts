/**
 * Asks a model which columns unknown keys mean.
 *
 * It sees names, types and the kinds of the values, never a value. Its answer is a list of pairs of names that were in
 * the question; anything else in it is left out. A question is asked once in some minutes, also when the answer is that
 * nobody knows.
 *
 * @module
 */

import type { AiClient } from "../aiClient.ts";
import type { Clock } from "../core/clock.ts";
import { z } from "../core/validation.ts";
import type { ConfirmedMapping, TableFacts } from "../deterministicFixPatterns.ts";
import { TimedMap } from "./timedMap.ts";

/** A key and the column that somebody believes it means. */
export type ProposedMapping = Pick<ConfirmedMapping, "table" | "key" | "column">;

const ANSWER = z.object({ mappings: z.array(z.object({ key: z.string(), column: z.string() })).max(50) });
const ANSWER_SCHEMA = {
  name: "column_mappings",
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["mappings"],
    properties: {
      mappings: {
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["key", "column"],
          properties: { key: { type: "string" }, column: { type: "string" } },
        },
      },
    },
  },
};

const RULES = [
  "You match the keys of a row to the columns of a database table.",
  "Match a key only when you are sure that it means the column; leave it out otherwise. A wrong match is worse than none.",
  "Never match to columns about money, ownership, tenants, roles, rights, consent or credentials.",
  "Each column takes at most one key. Answer with key and column exactly as they are written.",
].join(" ");

const KEPT_MS = 600_000;
const FAILED_MS = 60_000;
const MOST_QUESTIONS = 500;
const MOST_KEYS = 20;

/** The tier of the models. */
export class ModelTier {
  readonly #answers: TimedMap<Promise<ProposedMapping[]>>;

  constructor(
    private readonly ai: () => AiClient | Promise<AiClient>,
    private readonly timeoutMs: number,
    clock: Clock,
  ) {
    this.#answers = new TimedMap(KEPT_MS, MOST_QUESTIONS, clock);
  }

  /** What a model believes; nothing when there is none, when it does not know, or when it fails. */
  async mappings(
    schema: TableFacts,
    row: Readonly<Record<string, unknown>>,
    keys: readonly string[],
  ): Promise<ProposedMapping[]> {
    if (keys.length > MOST_KEYS) return [];
    const question = questionOf(schema, row, keys);
    let answer = this.#answers.get(question);
    if (answer === undefined) {
      // Rows that come together ask together.
      answer = this.#ask(question);
      this.#answers.set(question, answer);
      answer.catch(() => this.#answers.set(question, Promise.resolve([]), FAILED_MS));
    }
    const pairs = await answer.catch(() => []);
    const columns = new Set(schema.columns.map(({ name }) => name));
    return pairs.filter(({ key, column }) => keys.includes(key) && columns.has(column))
      .map(({ key, column }) => ({ table: schema.table, key, column }));
  }

  async #ask(question: string): Promise<ProposedMapping[]> {
    const [client, { fenceUntrusted }] = await Promise.all([this.ai(), import("../aiClient.ts")]);
    if (!client.availability().available) return [];
    const fenced = await fenceUntrusted(question, { label: "table and keys" });
    const reply = await client.completeJson({
      purpose: "payload_mapping",
      messages: [
        { role: "system", content: `${RULES} ${fenced.rule}` },
        { role: "user", content: fenced.text },
      ],
      schema: ANSWER,
      jsonSchema: ANSWER_SCHEMA,
      maxOutputTokens: 600,
      timeoutMs: this.timeoutMs,
      cache: { ttlSeconds: 86_400, isImpersonal: true },
    });
    return reply.kind === "answered"
      ? reply.value.mappings.map((mapping) => ({ table: "", ...mapping }))
      : [];
  }
}

function questionOf(
  { table, columns }: TableFacts,
  row: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): string {
  const free = columns.filter(({ name }) => !(name in row)).map(({ name, type }) => `${name} ${type}`);
  const unknown = keys.toSorted().map((key) => `${key}: ${kindOf(row[key])}`);
  return `Table: ${table}\nColumns without a value:\n${
    free.join("\n")
  }\nUnknown keys and the kinds of their values:\n${unknown.join("\n")}`;
}

/** What kind of value it is; nothing of the value itself. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "string") return Number.isInteger(value) ? "whole number" : typeof value;
  if (/^\d{4}-\d\d-\d\d/.test(value)) return "text that looks like a date";
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(value)) return "text that looks like a uuid";
  if (/^https?:\/\//i.test(value)) return "text that looks like a URL";
  return value.length > 200 ? "long text" : "text";
}
