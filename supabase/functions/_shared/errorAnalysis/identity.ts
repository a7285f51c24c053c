/**
 * By what an error is known again.
 *
 * Errors come in storms: the same stack a thousand times, and often the same words once the personal data is out of
 * them. What was read of either is remembered. Only sanitised texts come here, so that no secret stays in memory.
 *
 * @module
 */

import { Memo } from "../core/memo.ts";
import { fingerprintError, readStackFrames } from "../errorFingerprint.ts";
import type { SanitizedError } from "../errorSanitizer.ts";
import type { CapturedError } from "../healingDb.ts";

/** The parts of an occurrence by which it is known again. */
export type Identity = Pick<CapturedError, "fingerprint" | "error_signature" | "error_template" | "slots">;

/** Where an error comes from when nobody says it. */
export const DEFAULT_SOURCE = "edge_function";

/** At most some two megabytes each. */
const identities = new Memo<Identity>({ mostEntries: 500, longestKey: 4_000 });
const framesByStack = new Memo<readonly string[]>({ mostEntries: 250, longestKey: 8_000 });

/**
 * The identity of a sanitised error. The same words from a migration and at run time are two things to mend, with
 * evidence of their own: what is harmless in a migration needs more trust in a running system.
 */
export async function identify(error: SanitizedError, message: string, source: string): Promise<Identity> {
  const { name, code = "", stack = "" } = error;
  const key = JSON.stringify([source, name, code, message, stack]);
  let known = identities.get(key);
  if (known === undefined) {
    known = await readIdentity({ name, code, stack, message }, source);
    identities.set(key, known);
  }
  return { ...known, slots: [...known.slots] };
}

async function readIdentity(
  { name, code, stack, message }: { name: string; code: string; stack: string; message: string },
  source: string,
): Promise<Identity> {
  const isDefault = source === DEFAULT_SOURCE;
  const prefix = isDefault ? "" : `${source} `;
  const type = isDefault ? name : `${source}:${name}`;
  const { fingerprint, template, signature, slots } = await fingerprintError({
    type,
    message,
    code,
    frames: framesOf(stack),
  });
  return {
    fingerprint,
    error_signature: prefix + signature,
    error_template: prefix + (code === "" ? template : `${code}: ${template}`),
    slots,
  };
}

function framesOf(stack: string): readonly string[] {
  let frames = framesByStack.get(stack);
  if (frames === undefined) {
    frames = readStackFrames(stack);
    framesByStack.set(stack, frames);
  }
  return frames;
}
