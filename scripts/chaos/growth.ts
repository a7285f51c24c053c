/** Whether what is used stays flat: slopes of memory, and of the number of connections. @module */

import { quantileOf } from "../lib/simulation.ts";
import type { Sample } from "./watch.ts";

/** How the memory of one kind of process grows. */
export interface MemoryGrowth {
  name: string;
  /** Lives of such processes that were seen. */
  processes: number;
  largestMb: number;
  /** The median over the lives that were long enough; undefined when none was. */
  slopeMbPerMinute: number | undefined;
}

/** What a process loads at its beginning is no leak. */
const WARM_UP_MS = 30_000;
/** Shorter lives say nothing about growth. */
const SHORTEST_LIFE_MS = 30_000;

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
    const slopes = all.flatMap(([, points]) => slopeOfLife(points) ?? []);
    return {
      name,
      processes: all.length,
      largestMb: Math.max(...all.flatMap(([, points]) => points.map(([, mb]) => mb))),
      slopeMbPerMinute: slopes.length === 0 ? undefined : quantileOf(slopes, 0.5),
    };
  });
}

function slopeOfLife(points: readonly Point[]): number | undefined {
  const bornAt = points[0]![0];
  const grown = points.filter(([atMs]) => atMs >= bornAt + WARM_UP_MS);
  if (grown.length < 5 || grown.at(-1)![0] - grown[0]![0] < SHORTEST_LIFE_MS) return undefined;
  return slopeOf(grown) * 60_000;
}

/** Least squares, per millisecond. */
function slopeOf(points: readonly Point[]): number {
  const meanOf = (place: 0 | 1) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [meanX, meanY] = [meanOf(0), meanOf(1)];
  const [above, below] = points.reduce(
    ([a, b], [x, y]) => [a + (x - meanX) * (y - meanY), b + (x - meanX) ** 2],
    [0, 0],
  );
  return below === 0 ? 0 : above / below;
}

/** How many connections more there are in the last third than in the first; undefined for too few looks. */
export function connectionGrowth(samples: readonly Sample[]): number | undefined {
  const counts = samples.flatMap(({ connections }) => connections ?? []);
  const third = Math.floor(counts.length / 3);
  if (third < 3) return undefined;
  return quantileOf(counts.slice(-third), 0.5) - quantileOf(counts.slice(0, third), 0.5);
}
