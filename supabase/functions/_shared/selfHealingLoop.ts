/**
 * Makes a row fit its table, by four tiers in order: what is right already stays as it is; then the rules; then what
 * was learned; then a model.
 *
 * Every tier ends in the same judgement: learned and proposed mappings only name a column for a key, and the rules'
 * vetoes, the look at the value and the one-to-one stand above whoever names it. Nothing is remembered here: a mapping
 * is learned when the database has accepted the healed row, by whoever made the write.
 *
 * @module
 */

import type { AiClient } from "./aiClient.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import {
  CONFIRMATIONS_NEEDED,
  type ConfirmedMapping,
  type HealedPayload,
  healPayload,
  type TableFacts,
} from "./deterministicFixPatterns.ts";
import type { HealingPattern } from "./healingDb.ts";
import { type RowFinding, validateRow } from "./schemaValidator.ts";
import { MappingMemory } from "./selfHealingLoop/memory.ts";
import type { ModelTier, ProposedMapping } from "./selfHealingLoop/modelTier.ts";

/** Which tier a row was healed by; `none` for one that was right already, and for one that nobody could heal. */
export type RowTier = "none" | "deterministic" | "learned" | "ai";

/** A row after the loop. */
export interface LoopedRow extends HealedPayload {
  tier: RowTier;
  /** What was wrong with the row as it came, empty for one that was right. */
  findings: RowFinding[];
}

/** What the tiers beyond the rules may use. */
export interface SelfHealingLoopOptions {
  /** The patterns with one of these signatures; without it nothing is remembered. What it throws counts as nothing. */
  recall?: (signatures: readonly string[]) => Promise<readonly HealingPattern[]>;
  /** The models, reached when they are first asked; without it, and without a key, that tier is skipped. */
  ai?: () => AiClient | Promise<AiClient>;
  /** The longest wait for a model, in milliseconds; 10,000. */
  aiTimeoutMs?: number;
  clock?: Clock;
}

/** What a row is for. */
export interface RowOptions {
  operation?: "insert" | "update";
}

/**
 * The loop of one isolate: it keeps for some minutes what it was told of patterns and by models.
 *
 * @example
 * ```ts
 * import { SelfHealingLoop } from "./selfHealingLoop.ts";
 *
 * const loop = new SelfHealingLoop();
 * const text = { type: "text", nullable: false, default: null };
 * const schema = { table: "messages", columns: [{ name: "role", ...text }, { name: "content", ...text }] };
 * const { tier, row } = await loop.healRow(schema, { sender: "user", message: "Hello" });
 * if (tier !== "deterministic" || row.role !== "user" || row.content !== "Hello") throw new Error("unexpected");
 * ```
 */
export class SelfHealingLoop {
  readonly #memory: MappingMemory;
  readonly #options: { ai: SelfHealingLoopOptions["ai"]; timeoutMs: number; clock: Clock };
  #model: Promise<ModelTier> | undefined;

  /** Throws a `RangeError` for a time that makes no sense. */
  constructor({ recall, ai, aiTimeoutMs = 10_000, clock = systemClock }: SelfHealingLoopOptions = {}) {
    if (!(aiTimeoutMs > 0)) {
      throw new RangeError(
        `Cannot create SelfHealingLoop as "aiTimeoutMs" must be > 0: current value is ${aiTimeoutMs}`,
      );
    }
    this.#memory = new MappingMemory(recall, clock);
    this.#options = { ai, timeoutMs: aiTimeoutMs, clock };
  }

  /** All tiers, until one has a column for every key. */
  async healRow(
    schema: TableFacts,
    row: Readonly<Record<string, unknown>>,
    options: RowOptions = {},
  ): Promise<LoopedRow> {
    const findings = validateRow(schema, row, options);
    if (findings.length === 0) return { ...asItCame(row), tier: "none", findings };
    const ruled = healPayload(schema, row, options);
    if (ruled.decision === "map") return { ...ruled, tier: "deterministic", findings };
    const further = await this.healFurther(schema, row, ruled, options);
    if (further !== null) return { ...further, findings };
    return { ...ruled, tier: ruled.decision === "refuse" ? "none" : "deterministic", findings };
  }

  /** The tiers beyond the rules, for a row to which these did not do all; null when nobody knows better. */
  async healFurther(
    schema: TableFacts,
    row: Readonly<Record<string, unknown>>,
    ruled: HealedPayload,
    options: RowOptions = {},
  ): Promise<HealedPayload & { tier: "learned" | "ai" } | null> {
    const unknown = unknownKeys(schema, row);
    // A value that may be meant in another form is a matter of experience as well.
    const keys = [...new Set([...unknown, ...(ruled.options ?? []).map(({ key }) => key)])];
    if (keys.length === 0) return null;
    const known = await this.#memory.confirmed(schema.table, keys);
    const learned = known.length === 0 ? ruled : healPayload(schema, row, { ...options, learned: known });
    const best = isBetter(learned, ruled) ? learned : ruled;
    if (best.decision === "map") return { ...best, tier: "learned" };
    const proposed = unknown.length === 0 ? [] : await this.#ask(schema, row, unknown);
    const believed = [
      ...known,
      ...proposed.map((mapping): ConfirmedMapping => ({ ...mapping, confirmations: CONFIRMATIONS_NEEDED })),
    ];
    const asked = proposed.length === 0 ? best : healPayload(schema, row, { ...options, learned: believed });
    if (isBetter(asked, best)) return { ...asked, tier: "ai" };
    return best === ruled ? null : { ...best, tier: "learned" };
  }

  async #ask(
    schema: TableFacts,
    row: Readonly<Record<string, unknown>>,
    keys: readonly string[],
  ): Promise<ProposedMapping[]> {
    const { ai, timeoutMs, clock } = this.#options;
    if (ai === undefined) return [];
    this.#model ??= import("./selfHealingLoop/modelTier.ts").then(({ ModelTier }) =>
      new ModelTier(ai, timeoutMs, clock)
    );
    return await (await this.#model).mappings(schema, row, keys);
  }
}

function asItCame(row: Readonly<Record<string, unknown>>): HealedPayload {
  return {
    decision: "map",
    row: { ...row },
    applied: [],
    unmapped: [],
    problems: [],
    reason: "the row fits",
  };
}

function unknownKeys({ columns }: TableFacts, row: Readonly<Record<string, unknown>>): string[] {
  const names = new Set(columns.map(({ name }) => name));
  return Object.keys(row).filter((key) => !names.has(key));
}

const RANK = { refuse: 0, partial: 1, map: 2 };

/** Better is what lets more of the row land; among partial ones, what parks less. */
function isBetter(one: HealedPayload, other: HealedPayload): boolean {
  const difference = RANK[one.decision] - RANK[other.decision];
  return difference > 0 ||
    (difference === 0 && one.decision === "partial" && one.unmapped.length < other.unmapped.length);
}
