/** Minutes of a release as points of a plot. @module */

import type { RolloutMinute } from "../../api/deploymentTypes.ts";

/** As many points as a plot can show one by one. */
const MOST_POINTS = 60;

/** Minutes added up to points; the figures of a point are those of its minutes together. */
export function addUp(minutes: readonly RolloutMinute[], most = MOST_POINTS): RolloutMinute[] {
  const size = Math.ceil(minutes.length / most);
  const points: RolloutMinute[] = [];
  for (let index = 0; index < minutes.length; index += size) {
    const [first, ...rest] = minutes.slice(index, index + size);
    if (first === undefined) continue;
    points.push(rest.reduce<RolloutMinute>(
      (
        [at, n, e, s, cn, ce, cs],
        [, n2, e2, s2, cn2, ce2, cs2],
      ) => [at, n + n2, e + e2, s + s2, cn + cn2, ce + ce2, cs + cs2],
      first,
    ));
  }
  return points;
}
