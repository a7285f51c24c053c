/** Which fault comes when: the same seed gives the same schedule. @module */

import { type Chance, seededChance } from "../lib/simulation.ts";

/** Every kind of fault. */
export const FAULT_KINDS = [
  "postgres killed",
  "database session killed",
  "function killed",
  "engine killed",
  "engine dies at a step",
  "stack killed",
  "network cut",
  "network slow",
  "network reset",
  "network half-open",
  "sessions terminated",
  "connections exhausted",
  "statements time out",
  "table locked",
  "clock of a function jumps",
  "clock of the leases jumps",
  "disk full",
  "poison captured",
  "function runs out of time",
  "function loops for ever",
  "partner flaps",
  "extension vanishes",
] as const;

/** One kind of fault. */
export type FaultKind = typeof FAULT_KINDS[number];

/** A fault with its time. */
export interface PlannedFault {
  /** From the start of the load. */
  atMs: number;
  kind: FaultKind;
  /** How long what lasts lasts. */
  lastsMs: number;
  /** For whatever else the fault has to choose. */
  seed: number;
}

/** How dense a schedule is. */
export interface PlanSize {
  seconds: number;
  /** Mean pause between two faults; 3 seconds. */
  meanGapMs?: number;
  /** Only these; all. */
  kinds?: readonly FaultKind[];
}

const MEAN_GAP_MS = 3_000;
/** The last tenth has no new fault, so that the end shows a system that is on its way back. */
const QUIET_SHARE = 0.1;
const [SHORTEST_MS, LONGEST_MS] = [300, 3_000];

/** The schedule of a seed: every kind comes once, in an order of its own, before one comes again. */
export function planFaults(
  seed: number,
  { seconds, meanGapMs = MEAN_GAP_MS, kinds }: PlanSize,
): PlannedFault[] {
  const chance = seededChance(seed);
  const faults: PlannedFault[] = [];
  const end = seconds * 1_000 * (1 - QUIET_SHARE);
  let bag: FaultKind[] = [];
  // Pauses of a Poisson process: often several faults fall together.
  for (let atMs = pause(chance, meanGapMs); atMs < end; atMs += pause(chance, meanGapMs)) {
    if (bag.length === 0) bag = shuffled(kinds ?? FAULT_KINDS, chance);
    faults.push({
      atMs: Math.round(atMs),
      kind: bag.pop()!,
      lastsMs: Math.round(SHORTEST_MS + chance() * (LONGEST_MS - SHORTEST_MS)),
      seed: Math.floor(chance() * 2 ** 31),
    });
  }
  return faults;
}

function pause(chance: Chance, meanMs: number): number {
  return Math.min(-Math.log(1 - chance()), 3) * meanMs;
}

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  return items.map((item) => ({ item, place: chance() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
