/** Faults in what is sent, in who is asked, and in what a clock or a disk says. @module */

import { captureBatch } from "../captures.ts";
import { seededChance } from "../../lib/simulation.ts";
import { pause } from "../pause.ts";
import type { PartnerMood } from "../partner.ts";
import type { PlannedFault } from "../plan.ts";
import type { World } from "../world.ts";
import type { Pick } from "./fault.ts";

const HOUR_MS = 3_600_000;

/** Rows that are no errors, among such that are. */
const POISON_ROWS: readonly unknown[] = [
  null,
  7,
  "text",
  [],
  {},
  { fingerprint: "" },
  { fingerprint: "chaos:poison", error_message: null },
  { fingerprint: "x".repeat(5_000), error_message: "too long a name" },
  {
    fingerprint: "chaos:poison",
    error_message: "m".repeat(200_000),
    slots: "none",
    context: [],
    occurrences: "many",
  },
  {
    fingerprint: "chaos:poison",
    error_message: "odd",
    category: "'; drop table x",
    severity: 9,
    age_ms: "-1",
  },
  { fingerprint: "chaos:poison", error_message: "op", operation: { kind: "rm", target: null } },
];

/** A batch in which half of the rows are nonsense. */
export async function capturePoison(
  world: World,
  { seed }: PlannedFault,
  pick: Pick,
): Promise<string | undefined> {
  const rows = Array.from({ length: 1 + seed % 8 }, () => pick(POISON_ROWS));
  await captureBatch(world, seededChance(seed), rows);
  return `${rows.length} rows`;
}

/** The clock of one isolate jumps, ahead or back, and back into place. */
export async function jumpClock(world: World, { lastsMs, seed }: PlannedFault): Promise<string | undefined> {
  const jumpMs = seed % 2 === 0 ? HOUR_MS : -HOUR_MS;
  const jump = async (by: number) => {
    const key = `clock-${seed}`;
    const answer = await world.call("chaos-call", { what: "clock", key, jumpMs: by }, key).catch(() =>
      undefined
    );
    await answer?.body?.cancel();
  };
  await jump(jumpMs);
  await pause(lastsMs);
  await jump(0);
  return `${jumpMs / HOUR_MS} h for ${lastsMs} ms`;
}

/** The partner is busy, slow, or breaks off. */
export async function flapPartner(
  { partner }: World,
  { lastsMs }: PlannedFault,
  pick: Pick,
): Promise<string | undefined> {
  const mood = pick<PartnerMood>(["busy", "slow", "rude"])!;
  partner.mood = mood;
  await pause(2 * lastsMs);
  partner.mood = "well";
  return `${mood} for ${2 * lastsMs} ms`;
}

/** Not a byte fits on the disk of the database. */
export async function fillDisk({ disk }: World, { lastsMs }: PlannedFault): Promise<string | undefined> {
  if (!disk.canBeFull) return "skipped: only root can make a disk that can be full";
  await disk.fill();
  await pause(lastsMs);
  await disk.empty();
  return `for ${lastsMs} ms`;
}
