/**
 * `change_setting`: changes one of a few settings, within bounds, and only in the direction that is the more cautious
 * one. Switches, modes and protected areas are not among them: no machine starts itself or widens what it may do.
 *
 * @module
 */

import type { Json, SqlPort } from "../core/ports.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, GO, refused, sqlOf } from "./kind.ts";

/** What a fix may set, and where to. */
const SETTINGS = {
  max_fixes_per_day: { least: 1, most: 200, direction: "down" },
  max_attempts: { least: 1, most: 10, direction: "down" },
  ai_daily_tokens: { least: 0, most: 10_000_000, direction: "down" },
  validation_min_seconds: { least: 60, most: 86_400, direction: "up" },
  // It costs space alone.
  ai_cached_replies: { least: 100, most: 50_000, direction: "both" },
} as const;

type Key = keyof typeof SETTINGS;

const schema = z.strictObject({
  kind: z.literal("change_setting"),
  setting: z.enum(Object.keys(SETTINGS) as [Key, ...Key[]]),
  value: z.number().int().min(0).max(10_000_000),
}).refine(({ setting, value }) => value >= SETTINGS[setting].least && value <= SETTINGS[setting].most, {
  error: "the value lies outside of the bounds of its setting",
});

/** Parameters of `change_setting`. */
export type ChangeSetting = z.infer<typeof schema>;

/** The kind `change_setting`. */
export const changeSetting: FixActionKind<ChangeSetting> = {
  kind: "change_setting",
  group: "runtime",
  needs: "sql",
  schema,
  risk: () => "medium",
  target: ({ setting }) => `setting:${setting}`,
  describe: ({ setting, value }) => `set ${setting} to ${value}`,
  async precondition(context, action) {
    const { setting, value } = action;
    const { now, most } = await readSettings(sqlOf(context), setting);
    if (now === value) return { kind: "alreadyDone", reason: `${setting} is ${value}` };
    const { direction } = SETTINGS[setting];
    if (direction !== "both" && (direction === "down") !== (value < now)) {
      return refused(`${setting} is ${now}, and a fix only moves it ${direction}`);
    }
    return setting === "validation_min_seconds" && value > most
      ? refused(`the longest time that a fix is watched is ${most} seconds`)
      : GO;
  },
  snapshot: async (context, { setting }) => ({ value: (await readSettings(sqlOf(context), setting)).now }),
  async apply(context, action) {
    const { now } = await readSettings(sqlOf(context), action.setting);
    if (!await tune(sqlOf(context), action.setting, { from: now, to: action.value })) {
      throw new Error(`somebody has changed ${action.setting} meanwhile`);
    }
  },
  state: async (context, { setting }) => ({ value: (await readSettings(sqlOf(context), setting)).now }),
  async probe(context, { setting, value }) {
    const { now } = await readSettings(sqlOf(context), setting);
    return { ok: now === value, measured: `${setting} is ${now}` };
  },
  async revert(context, { setting, value }, rollbackPoint: Json) {
    const { value: before } = rollbackPoint as { value: number };
    // What a person has set since stands.
    await tune(sqlOf(context), setting, { from: value, to: before });
  },
};

async function readSettings(sql: SqlPort, setting: Key): Promise<{ now: number; most: number }> {
  const [found] = await sql.query<{ now: number; most: number }>(
    "select (healing_private.setting($1) #>> '{}')::int as now, (healing_private.setting('validation_max_seconds') #>> '{}')::int as most",
    [setting],
  );
  return found!;
}

async function tune(
  sql: SqlPort,
  setting: Key,
  { from, to }: { from: number; to: number },
): Promise<boolean> {
  const [tuned] = await sql.query<{ is_set: boolean }>(
    "select healing_private.tune_setting($1, to_jsonb($2::int), to_jsonb($3::int), 'a fix') as is_set",
    [setting, from, to],
  );
  return tuned!.is_set;
}
