/** Identifiers as a statement spells them. @module */

/** A name in quotes, whatever it is; several become a qualified one. */
export function quoted(...names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join(".");
}

/** A name in quotes only where it would mean another one without them; people read it in their own statements. */
export function quotedIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoted(name);
}
