/**
 * The interface does not find a column, table, function or relationship: the catalogue says whether only its copy is old.
 *
 * Each of these is refused before anything is done, so the call may be sent again, a write too.
 *
 * @module
 */

import { readUnknownToInterface, type UnknownToInterface } from "../core/unknownToInterface.ts";
import { refreshSchemaCache } from "../healingDb.ts";
import type { FailedCall } from "./failedCall.ts";
import { type Mend, type MendContext, pauseBefore } from "./mend.ts";

/** How often a call is sent again while the interface reads the schema. */
const MOST = 2;
/** A mistake of the caller is looked up once a minute, a copy that stays old once an hour. */
const LET_BE_MS = { mistake: 60_000, stays: 3_600_000 };

/** The mend `stale_schema_cache`, and behind it `renamed_arguments`. */
export const staleCache: Mend = {
  key: "stale_schema_cache",
  fits(failed, { service, memory }) {
    const missing = missingFor(failed);
    return service !== undefined && missing !== null && !memory.has(JSON.stringify(missing)) &&
      memory.takeLook();
  },
  async mend(failed, context) {
    const missing = missingFor(failed)!;
    const answer = await refreshSchemaCache(await context.service!(), missing);
    if (answer.status === "stale") return await sendUntilFound(failed, missing, context);
    context.memory.keep(JSON.stringify(missing), LET_BE_MS.mistake);
    if (answer.status !== "missing" || answer.arguments === undefined) return null;
    const { renameArguments } = await import("./renamedArguments.ts");
    const body = renameArguments(missing.name, answer.arguments, failed);
    if (body === null) return null;
    // What is right the second time is no mistake: the next call of the same author is healed as well.
    const mended = await failed.again(context.send, { body });
    if (mended.ok) context.memory.keep(JSON.stringify(missing), 0);
    return { answer: mended, by: "renamed_arguments" };
  },
};

/** What is missing, in the schema that the call names: a namesake elsewhere is another thing. */
function missingFor({ code, message, method, headers }: FailedCall):
  | (UnknownToInterface & { schema: string })
  | null {
  const missing = readUnknownToInterface(code, message);
  if (missing === null) return null;
  const profile = headers.get(method === "GET" || method === "HEAD" ? "accept-profile" : "content-profile");
  return { ...missing, schema: missing.schema ?? profile ?? "public" };
}

async function sendUntilFound(
  failed: FailedCall,
  missing: UnknownToInterface & { schema: string },
  context: MendContext,
): Promise<Response | null> {
  let answer: Response | null = null;
  for (let repetition = 1; repetition <= MOST; repetition++) {
    // Another's reload may have begun before this thing was made.
    if (repetition > 1) await refreshSchemaCache(await context.service!(), missing);
    await context.clock.sleep(pauseBefore(repetition, context), failed.signal);
    await answer?.body?.cancel();
    answer = await failed.again(context.send);
    if (!await isStillMissing(answer, failed)) return answer;
  }
  context.memory.keep(JSON.stringify(missing), LET_BE_MS.stays);
  return answer;
}

async function isStillMissing(answer: Response, { code, message }: FailedCall): Promise<boolean> {
  if (answer.ok) return false;
  const said = await answer.clone().text();
  return said.includes(JSON.stringify(code)) && said.includes(JSON.stringify(message).slice(1, -1));
}
