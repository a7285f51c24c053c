import assert from "node:assert/strict";
import type { RolloutMinute } from "../../../dashboard/src/api/deploymentTypes.ts";
import { addUp } from "../../../dashboard/src/pages/deployments/addUp.ts";

Deno.test("addUp() makes at most so many points, and loses no request", () => {
  for (const length of [0, 1, 59, 60, 61, 1_440, 2_880]) {
    const minutes = Array.from(
      { length },
      (_, index): RolloutMinute => [`minute ${index}`, 50, 1, 2, 100, 3, 4],
    );
    const points = addUp(minutes);
    assert.ok(points.length <= 60, `${points.length}`);
    assert.equal(points.reduce((sum, [, n]) => sum + n, 0), 50 * length);
    assert.equal(points.reduce((sum, [, , , , , errors]) => sum + errors, 0), 3 * length);
    if (length > 0) assert.equal(points[0]![0], "minute 0");
  }
});
