/** The form of a redaction rule. @module */

/** One kind of secret: where it may stand, and what takes its place. */
export interface RedactionRule {
  /** Names the kind in the placeholder, such as `jwt` in `[redacted:jwt]`. */
  kind: string;
  /** Global; runs in linear time on any text: no nested quantifier, context bounded. */
  pattern: RegExp;
  /**
   * What to write instead of a match, with its capture groups; undefined leaves the match as it is.
   * Without it the whole match becomes the placeholder.
   */
  replace?: (match: string, groups: readonly (string | undefined)[]) => string | undefined;
}

/** What stands where a secret was. */
export function placeholder(kind: string): string {
  return `[redacted:${kind}]`;
}

/** True for text that is a placeholder and nothing else. */
export function isPlaceholder(text: string): boolean {
  return /^\[redacted(?::[a-z-]{1,24})?\]$/.test(text);
}

/** Applies one rule to a text. */
export function applyRule(text: string, rule: RedactionRule): string {
  return text.replace(rule.pattern, (match, ...rest) => {
    if (rule.replace === undefined) return placeholder(rule.kind);
    const end = rest.findIndex((value) => typeof value === "number");
    return rule.replace(match, rest.slice(0, end)) ?? match;
  });
}
