/**
 * How far a model's proposal may go, whatever the model says: looked at in the pipeline, and never in the prompt.
 *
 * A model may only name what the error itself names. Everything that it writes freely into an action has to be one of
 * the identifiers of the error's message, or a name that the place of the failure gave. What the message names first
 * is what failed; whatever else it names may be anybody's words, so that only a person decides about it.
 *
 * @module
 */

import type { ErrorFacts, Proposal } from "../core/fixes.ts";
import { isRecord } from "../core/unknownValues.ts";
import { z } from "../core/validation.ts";
import { errorSignature } from "../errorFingerprint.ts";
import { type FixAction, kindOf, parseFixAction, schemaOf } from "../fixActions.ts";
import { fitOf } from "./modelKinds.ts";

/** A proposal as far as it may go. */
export type Bounded =
  | { standing: "acts"; action: FixAction }
  | { standing: "asks"; action: FixAction; because: string }
  | { standing: "refused"; because: string };

/** A model's own word never counts for more, whatever it says of itself. */
const ACTING_CONFIDENCE = 0.7;
/** A person decides: below the confidence at which a fix is even suggested by itself. */
const ASKING_CONFIDENCE = 0.5;
/** A message inside of another one, as clients wrap what the database said. */
const WRAPPED = /[`"'“]([^`"'“”]{8,500})[`"'”]/g;
const MOST_WRAPPED = 10;
/** Of these every part is only ever compared with the catalogue, and nothing changes but the interface's own copy. */
const COMPARES_ONLY: ReadonlySet<string> = new Set(["reload_schema_cache"]);

/** Judges a proposal by what the error says. */
export function boundProposal(action: Proposal["action"], facts: ErrorFacts): Bounded {
  let parsed: FixAction;
  try {
    parsed = parseFixAction(action);
  } catch (error) {
    return { standing: "refused", because: error instanceof Error ? error.message : "it cannot be read" };
  }
  const fit = fitOf(parsed.kind, facts);
  if (fit === "no") {
    return {
      standing: "refused",
      because: `a model may not propose ${parsed.kind} about an error of type ${facts.errorType}`,
    };
  }
  if (kindOf(parsed).needs === "replay" && facts.queuedOperations === 0) {
    return { standing: "refused", because: "no operation waits to be made again" };
  }
  const names = namesIn(facts);
  const written = freeTexts(parsed);
  const stranger = written.find((text) => !names.all.has(text));
  if (stranger !== undefined) {
    return { standing: "refused", because: `the error does not name "${stranger.slice(0, 80)}"` };
  }
  if (fit === "open") {
    return { standing: "asks", action: parsed, because: "the class of the error does not say what failed" };
  }
  return COMPARES_ONLY.has(parsed.kind) || written.every((text) => names.first.has(text))
    ? { standing: "acts", action: parsed }
    : { standing: "asks", action: parsed, because: "the error names something else first" };
}

/** The confidence with which a proposal goes on: its own, or less. */
export function boundConfidence(own: number, { standing }: Bounded): number {
  const known = Number.isFinite(own) ? Math.min(Math.max(own, 0), 1) : 0;
  return Math.min(known, standing === "acts" ? ACTING_CONFIDENCE : ASKING_CONFIDENCE);
}

/** What the error names: all of it, and what it names first, each with and without schema and arguments. */
function namesIn(
  { slots, place, message }: ErrorFacts,
): { all: ReadonlySet<string>; first: ReadonlySet<string> } {
  const told = [place?.relation, place?.role, place?.bucket].filter((name) => name !== undefined);
  const first = [...slots.slice(0, 1), ...told].flatMap(formsOf);
  const all = [...slots, ...wrappedSlots(message)].flatMap(formsOf);
  return { all: new Set([...all, ...first]), first: new Set(first) };
}

function wrappedSlots(message: string): string[] {
  return [...message.matchAll(WRAPPED)].slice(0, MOST_WRAPPED)
    .flatMap(([, inner = ""]) => errorSignature({ message: inner }).slots);
}

function formsOf(slot: string): string[] {
  const name = slot.replace(/\(.*$/s, "").replaceAll('"', "");
  return [
    ...new Set([slot, name, name.slice(name.lastIndexOf(".") + 1), name.slice(0, name.lastIndexOf("."))]),
  ]
    .filter((form) => form !== "");
}

/** Every text in an action that its schema leaves open: no kind, no word of a closed list. */
function freeTexts(action: FixAction): string[] {
  const schema = z.toJSONSchema(schemaOf(action.kind));
  const properties = isRecord(schema.properties) ? schema.properties : {};
  return Object.entries(action).flatMap(([name, value]) =>
    Object.hasOwn(properties, name) && isClosed(properties[name]) ? [] : textsIn(value)
  );
}

function isClosed(schema: unknown): boolean {
  return isRecord(schema) && (Array.isArray(schema.enum) || typeof schema.const === "string");
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}
