/** Faults of the network between the stack with its functions and the database. @module */

import { pause } from "../pause.ts";
import type { PlannedFault } from "../plan.ts";
import type { World } from "../world.ts";

/** Nothing goes through, and every conversation is cut. */
export async function cutNetwork({ network }: World, { lastsMs }: PlannedFault): Promise<string | undefined> {
  network.isClosed = true;
  network.cutAll();
  await pause(lastsMs);
  network.isClosed = false;
  return `for ${lastsMs} ms`;
}

/** Every piece of a conversation is late. */
export async function slowNetwork(
  { network }: World,
  { lastsMs, seed }: PlannedFault,
): Promise<string | undefined> {
  network.delayMs = 20 + seed % 200;
  const told = `${network.delayMs} ms a piece for ${lastsMs} ms`;
  await pause(lastsMs);
  network.delayMs = 0;
  return told;
}

/** Conversations are reset in the middle of a sentence. */
export async function resetNetwork(
  { network }: World,
  { lastsMs }: PlannedFault,
): Promise<string | undefined> {
  network.isResetting = true;
  await pause(lastsMs / 2);
  network.isResetting = false;
  return `for ${Math.round(lastsMs / 2)} ms`;
}

/** Whoever speaks is never answered and never told; then the system's own patience ends the conversation. */
export async function halfOpenNetwork(
  { network }: World,
  { lastsMs }: PlannedFault,
): Promise<string | undefined> {
  network.decide = () => "swallow";
  await pause(lastsMs);
  network.decide = () => "pass";
  await pause(lastsMs);
  network.cutAll();
  return `${lastsMs} ms, noticed after ${2 * lastsMs} ms`;
}
