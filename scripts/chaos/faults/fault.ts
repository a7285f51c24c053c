/** What a fault is. @module */

import type { PlannedFault } from "../plan.ts";
import type { World } from "../world.ts";

/** Chooses one by the seed of the fault. */
export type Pick = <Item>(items: readonly Item[]) => Item | undefined;

/** Does its harm and settles when it has passed; says what exactly it hit. */
export type Fault = (world: World, fault: PlannedFault, pick: Pick) => Promise<string | undefined>;
