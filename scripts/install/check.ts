/** Placeholder. @module */
import type { Manifest } from "./manifest.ts";
import type { Target } from "./target.ts";
/** Later. */
export function runCheck(
  _t: Target,
  _m: Manifest | null,
  _o: { rewrite: boolean; json: boolean },
): Promise<number> {
  return Promise.resolve(0);
}
