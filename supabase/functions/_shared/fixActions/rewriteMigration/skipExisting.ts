/** `skip_existing`: what exists already with the same definition is not made again; another definition stops. @module */

import type { Transform } from "./transform.ts";

/** The transform `skip_existing`; what compares is loaded when a migration makes something again. */
export const skipExisting: Transform = {
  risk: "low",
  describe: (object) => `leave out what makes ${object} again, as it exists with the same definition`,
  changes: { fields: ["missing_ok", "skipIfNewValExists"] },
  async rewrite(failure) {
    const { leaveOutExisting } = await import("./existing/leaveOut.ts");
    return await leaveOutExisting(failure);
  },
};
