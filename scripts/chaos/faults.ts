/** What each kind of fault does. @module */

import { seededChance } from "../lib/simulation.ts";
import type { FaultKind, PlannedFault } from "./plan.ts";
import type { Fault } from "./faults/fault.ts";
import { capturePoison, fillDisk, flapPartner, jumpClock } from "./faults/ofContent.ts";
import * as ofDatabase from "./faults/ofDatabase.ts";
import * as ofNetwork from "./faults/ofNetwork.ts";
import * as ofProcesses from "./faults/ofProcesses.ts";
import type { World } from "./world.ts";

const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  "postgres killed": ofProcesses.killPostgres,
  "database session killed": ofProcesses.killSession,
  "function killed": ofProcesses.killFunction,
  "engine killed": ofProcesses.killEngine,
  "engine dies at a step": ofProcesses.dieAtStep,
  "stack killed": ofProcesses.killStack,
  "network cut": ofNetwork.cutNetwork,
  "network slow": ofNetwork.slowNetwork,
  "network reset": ofNetwork.resetNetwork,
  "network half-open": ofNetwork.halfOpenNetwork,
  "sessions terminated": ofDatabase.terminateSessions,
  "connections exhausted": ofDatabase.exhaustConnections,
  "statements time out": ofDatabase.timeOutStatements,
  "table locked": ofDatabase.lockTable,
  "clock of a function jumps": jumpClock,
  "clock of the leases jumps": ofDatabase.expireLeases,
  "disk full": fillDisk,
  "poison captured": capturePoison,
  "function runs out of time": ofProcesses.runOutOfTime,
  "function loops for ever": ofProcesses.loopForEver,
  "partner flaps": flapPartner,
  "extension vanishes": ofDatabase.dropExtension,
};

/** A fault that has passed. */
export interface PassedFault extends PlannedFault {
  /** What exactly it hit, or why it could not. */
  told: string;
}

/** Does it; a fault that another one prevents has passed as well. */
export async function commitFault(world: World, fault: PlannedFault): Promise<PassedFault> {
  const chance = seededChance(fault.seed);
  try {
    const told = await FAULTS[fault.kind](
      world,
      fault,
      (items) => items[Math.floor(chance() * items.length)],
    );
    return { ...fault, told: told ?? "" };
  } catch (error) {
    const told = `prevented by another fault: ${error instanceof Error ? error.message : String(error)}`;
    return { ...fault, told: told.slice(0, 120) };
  }
}
