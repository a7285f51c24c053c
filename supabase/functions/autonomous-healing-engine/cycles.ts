/** The six cycles in their order. @module */

import { type Cycle, cycleBehindPort, type CyclePort } from "./cycles/cycle.ts";
import { healCycle } from "./cycles/heal.ts";
import { improveCycle } from "./cycles/improve.ts";
import { learnCycle } from "./cycles/learn.ts";

/** Abilities that fill cycles 3, 4 and 5 when they are there. */
export interface CyclePorts {
  /** Watches deployments, correlates errors with them, rolls back. */
  deployments?: CyclePort | undefined;
  /** Slow queries and settings. */
  optimise?: CyclePort | undefined;
  /** The quality of recent projects. */
  quality?: CyclePort | undefined;
}

/** All six; one without its ability reports `not_installed`. */
export function allCycles(ports: CyclePorts = {}): readonly Cycle[] {
  return [
    healCycle,
    learnCycle,
    cycleBehindPort({ number: 3, name: "deployments", budgetMs: 10_000 }, ports.deployments),
    cycleBehindPort({ number: 4, name: "optimise", budgetMs: 10_000 }, ports.optimise),
    cycleBehindPort({ number: 5, name: "quality", budgetMs: 10_000 }, ports.quality),
    improveCycle,
  ];
}
