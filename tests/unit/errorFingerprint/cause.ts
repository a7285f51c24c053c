/** The form of the labelled set: one entry is one cause, its variants are the same failure met again. @module */

import type { FingerprintInput } from "../../../supabase/functions/_shared/errorFingerprint.ts";

/** One cause and the ways in which it was met. */
export interface Cause {
  name: string;
  variants: readonly FingerprintInput[];
}

/** A cause whose variants differ in the message only. */
export function said(
  name: string,
  code: string | undefined,
  type: string | undefined,
  messages: readonly string[],
): Cause {
  return { name, variants: messages.map((message) => ({ message, code, type })) };
}

/** A cause with one message, met through several stacks. */
export function traced(name: string, type: string, message: string, stacks: readonly string[]): Cause {
  return {
    name,
    variants: stacks.map((stack) => ({ type, message, stack: `${type}: ${message}\n${stack}` })),
  };
}

/** As {@link said}, named after its first message. */
export function met(code: string | undefined, type: string | undefined, ...messages: string[]): Cause {
  return said(messages[0]!, code, type, messages);
}

/** As {@link traced}, named after its message. */
export function metAt(type: string, message: string, ...stacks: string[]): Cause {
  return traced(message, type, message, stacks);
}
