/** Whether what is used stays flat: what processes gain of memory, and the number of connections. @module */

import { quantileOf } from "../lib/simulation.ts";
import type { Sample } from "./watch.ts";

/** How the memory of one kind of process grows. */
export interface MemoryGrowth {
  name: string;
  /** Lives of such processes that were seen. */
  processes: number;
  largestMb: number;
  /** The median over the lives that were long enough; undefined when none was. */
  gainedMbPerMinute: number | undefined;
  /** The same without what a heap fills once, before anything has to be collected. */
  leakedMbPerMinute: number | undefined;
}

/** What a process loads at its beginning is no leak. */
const WARM_UP_MS = 30_000;
/** Shorter lives say nothing about growth. */
const SHORTEST_LIFE_MS = 30_000;
/** A heap under load grows to about this before its garbage is worth collecting. */
const HEAP_FILL_MB = 40;

type Point = readonly [atMs: number, value: number];

/** The growth of memory by kind of process. */
export function memoryGrowth(samples: readonly Sample[]): MemoryGrowth[] {
  const lives = new Map<string, Point[]>();
  for (const { atMs, memory } of samples) {
    for (const [process, mb] of Object.entries(memory)) {
      lives.set(process, [...lives.get(process) ?? [], [atMs, mb]]);
    }
  }
  const byName = Map.groupBy(lives, ([process]) => process.replace(/ \d+$/, ""));
  return [...byName].map(([name, all]) => {
    const gains = all.flatMap(([, points]) => gainOfLife(points) ?? []);
    const medianOf = (of: (gain: Gain) => number) =>
      gains.length === 0 ? undefined : quantileOf(gains.map(of), 0.5);
    return {
      name,
      processes: all.length,
      largestMb: Math.max(...all.flatMap(([, points]) => points.map(([, mb]) => mb))),
      gainedMbPerMinute: medianOf(({ mb, minutes }) => mb / minutes),
      leakedMbPerMinute: medianOf(({ mb, minutes }) => Math.max(0, mb - HEAP_FILL_MB) / minutes),
    };
  });
}

interface Gain {
  mb: number;
  minutes: number;
}

/** From the middle of a life's first third to the middle of its last one. */
function gainOfLife(points: readonly Point[]): Gain | undefined {
  const bornAt = points[0]![0];
  const grown = points.filter(([atMs]) => atMs >= bornAt + WARM_UP_MS);
  const third = Math.floor(grown.length / 3);
  if (third === 0 || grown.at(-1)![0] - grown[0]![0] < SHORTEST_LIFE_MS) return undefined;
  const [first, last] = [grown.slice(0, third), grown.slice(-third)];
  const middleOf = (part: readonly Point[], place: 0 | 1) =>
    quantileOf(part.map((point) => point[place]), 0.5);
  return {
    mb: middleOf(last, 1) - middleOf(first, 1),
    minutes: (middleOf(last, 0) - middleOf(first, 0)) / 60_000,
  };
}

/** How many connections more there are in the last third than in the first; undefined for too few looks. */
export function connectionGrowth(samples: readonly Sample[]): number | undefined {
  const counts = samples.flatMap(({ connections }) => connections ?? []);
  const third = Math.floor(counts.length / 3);
  if (third < 3) return undefined;
  return quantileOf(counts.slice(-third), 0.5) - quantileOf(counts.slice(0, third), 0.5);
}
