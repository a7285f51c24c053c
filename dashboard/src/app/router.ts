/**
 * Where the reader is: a path with filters behind the `#` of the address. So every page is a link that can be sent,
 * and any static host serves the dashboard without rewriting addresses.
 *
 * @module
 */

import { useSyncExternalStore } from "react";

/** A place in the dashboard. */
export interface Place {
  /** The parts of the path: `["errors", "4f…"]`. */
  parts: string[];
  /** Filters and the cursor. */
  params: URLSearchParams;
}

function subscribe(onChange: () => void): () => void {
  globalThis.addEventListener("hashchange", onChange);
  return () => globalThis.removeEventListener("hashchange", onChange);
}

function currentHash(): string {
  return globalThis.location.hash;
}

/** Reads a place from what stands behind the `#`. */
export function readPlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return {
    parts: path.split("/").filter((part) => part !== "").map(safeDecode),
    params: new URLSearchParams(query),
  };
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The current place; the component renders again when it changes. */
export function usePlace(): Place {
  return readPlace(useSyncExternalStore(subscribe, currentHash));
}

/** The address of a place; parameters that are empty are left out. */
export function linkTo(
  path: string,
  params: Record<string, string | undefined> = {},
): string {
  const query = new URLSearchParams(
    Object.entries(params).flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [[key, value]]
    ),
  ).toString();
  return `#/${path}${query === "" ? "" : `?${query}`}`;
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
