/** A place in the dashboard, and how it stands in the address. @module */

/** A place in the dashboard. */
export interface Place {
  /** The parts of the path: `["errors", "4f…"]`. */
  parts: string[];
  /** Filters and the cursor. */
  params: URLSearchParams;
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
