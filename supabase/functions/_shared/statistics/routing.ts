/** Which variant a unit gets: the same one each time, without asking anybody. @module */

import { placeOf } from "../core/stickyPlace.ts";
import { refuse, requireShare } from "./require.ts";

/**
 * The variant of a unit: `b` for the given share of units (0..1), by a hash of `experimentId:unitId`. A unit that has
 * `b` keeps it when the share grows, and two experiments share the same units out independently.
 */
export function routeBySplit(experimentId: string, unitId: string, share = 0.5): "a" | "b" {
  requireId("experimentId", experimentId);
  requireId("unitId", unitId);
  requireShare("route a unit", "share", share);
  return placeOf(`${experimentId}:${unitId}`) < share ? "b" : "a";
}

function requireId(name: string, value: string): void {
  if (typeof value !== "string" || value === "") {
    refuse("route a unit", name, "a text that is not empty", value);
  }
}
