/**
 * Where the reader is: a path with filters behind the `#` of the address. So every page is a link that can be sent,
 * and any static host serves the dashboard without rewriting addresses.
 *
 * @module
 */

import { useSyncExternalStore } from "react";
import { linkTo, type Place, readPlace } from "./place.ts";

export { linkTo, type Place };

function subscribe(onChange: () => void): () => void {
  globalThis.addEventListener("hashchange", onChange);
  return () => globalThis.removeEventListener("hashchange", onChange);
}

function currentHash(): string {
  return globalThis.location.hash;
}

/** The current place; the component renders again when it changes. */
export function usePlace(): Place {
  return readPlace(useSyncExternalStore(subscribe, currentHash));
}

/** Changes filters of the current page; a changed filter begins at the first page again. */
export function setParams(
  { parts, params }: Place,
  changes: Record<string, string | undefined>,
): void {
  const next = { ...Object.fromEntries(params), after: undefined, ...changes };
  globalThis.location.hash = linkTo(
    parts.map(encodeURIComponent).join("/"),
    next,
  );
}
