/** A program that ends while errors and heals wait for a database that never answers. @module */

import { captureError, withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";
import { print } from "../../scripts/lib/print.ts";

const never = new Promise<never>(() => {});
const reporter = () => Promise.resolve({ capture: () => never, healed: () => never });

let calls = 0;
const heals = withSelfHealing(
  () =>
    ++calls === 1
      ? Promise.reject<number>(Object.assign(new Error("busy"), { status: 503 }))
      : Promise.resolve(1),
  { functionName: "heals", effect: "read", reporter },
);
const fails = withSelfHealing(() => Promise.reject<number>(new Error("sent, and not answered")), {
  functionName: "fails",
  reporter,
});
await heals();
await fails().catch(() => {});
// The first batch is on its way now; what comes after it waits.
for (let turn = 0; turn < 10; turn++) await Promise.resolve();
const secret = ["sb", "secret", "AbCdEfGhIjKlMnOpQrStUv_12345678"].join("_");
captureError(
  new Error(`not even looked at, with ${secret}`),
  { functionName: "raw", requestId: "r-1" },
  reporter,
);
for (let index = 0; index < 50; index++) captureError(new Error(`flood ${index}`), {}, reporter);
print("the program ends");
