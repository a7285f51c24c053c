/** A project that Vercel has served before, and what its tests have in common. @module */

import { VercelServer } from "./deployServers.ts";
import { type DeployWorld, openDeployWorld } from "./deployWorld.ts";

/** How a deployment is made. */
export const CREATE = "POST /v13/deployments";
/** The body of an answer that asks for patience. */
export const LIMITED = {
  error: { code: "rate_limited", message: "Too many requests", limit: { total: 100, remaining: 0 } },
};

/** The world, and the server that its target names. */
export async function prepared(): Promise<[DeployWorld, VercelServer]> {
  const world = await openDeployWorld();
  const server = new VercelServer();
  server.seed("dpl_old");
  await world.target("vercel", server.config);
  return [world, server];
}
