/** The invariants about what a run uses: memory and connections. @module */

import { connectionGrowth, type MemoryGrowth, memoryGrowth } from "./growth.ts";
import type { Invariant } from "./invariants.ts";

/** Memory that a process may gain in a minute once its heap has filled. */
const MOST_MB_PER_MINUTE = 5;
const MOST_MORE_CONNECTIONS = 15;

/** No process of the system gains memory for long. */
export const memoryFlat: Invariant = {
  name: "MB a minute that a process gains",
  holds: "at the end",
  atMost: MOST_MB_PER_MINUTE,
  measure: ({ samples }) => {
    // Our own process is no part of what is judged: it remembers every key that it has asked for.
    const all = memoryGrowth(samples).filter(({ name }) => name !== "chaos");
    const leaked = ({ leakedMbPerMinute: leak }: MemoryGrowth) => leak ?? 0;
    const value = Math.max(0, ...all.map(leaked));
    const found = all.filter((growth) => leaked(growth) > MOST_MB_PER_MINUTE);
    return Promise.resolve({ value, found: found.map(({ name }) => name) });
  },
};

/** What is opened is closed. */
export const connectionsFlat: Invariant = {
  name: "connections more at the end than at the beginning",
  holds: "at the end",
  atMost: MOST_MORE_CONNECTIONS,
  measure: ({ samples }) => Promise.resolve({ value: connectionGrowth(samples) ?? 0, found: [] }),
};
