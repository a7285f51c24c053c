/** Every labelled set by its name, with what is expected of it. @module */

import { APPLICATION } from "./application.ts";
import { BROWSER_STACKS } from "./browserStacks.ts";
import type { Cause } from "./cause.ts";
import { DAILY_INBOX } from "./dailyInbox.ts";
import { DATABASE_SERVICES } from "./databaseServices.ts";
import { HARD } from "./hard.ts";
import { HARD_RUNTIME } from "./hardRuntime.ts";
import { HELD_OUT } from "./heldOut.ts";
import { HELD_OUT_MORE } from "./heldOutMore.ts";
import { KEPT_ASIDE } from "./keptAside.ts";
import { KEPT_ASIDE_RUNTIME } from "./keptAsideRuntime.ts";
import { OTHER_WORLDS } from "./otherWorlds.ts";
import { POSTGRES } from "./postgres.ts";
import { RUNTIME } from "./runtime.ts";
import { RUNTIME_SERVICES } from "./runtimeServices.ts";
import { SERVICES } from "./services.ts";
import { STACKS } from "./stacks.ts";

/** The sets, each judged for itself. */
export const LABELLED_SETS: Readonly<Record<string, readonly Cause[]>> = {
  base: [...POSTGRES, ...SERVICES, ...RUNTIME, ...STACKS],
  keptAside: [...KEPT_ASIDE, ...KEPT_ASIDE_RUNTIME],
  hard: [...HARD, ...HARD_RUNTIME],
  databaseServices: DATABASE_SERVICES,
  runtimeServices: RUNTIME_SERVICES,
  browserStacks: BROWSER_STACKS,
  application: APPLICATION,
  otherWorlds: OTHER_WORLDS,
  dailyInbox: DAILY_INBOX,
  heldOut: [...HELD_OUT, ...HELD_OUT_MORE],
};
