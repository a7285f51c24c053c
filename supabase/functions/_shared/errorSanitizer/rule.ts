/** The form of a redaction rule. @module */

/** One kind of secret: where it may stand, and what takes its place. */
export interface RedactionRule {
  /** Names the kind in the placeholder, such as `jwt` in `[redacted:jwt]`. */
  kind: string;
  /** Global; runs in linear time on any text: no nested quantifier, context bounded. */
  pattern: RegExp;
  /** Without this somewhere in the text the rule fits nowhere; simpler than the pattern, which stands for it otherwise. */
  needs?: RegExp;
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

/** Rules that are asked in their order, and one question that sorts out most texts before the first of them. */
export interface RuleGroup {
  needs: RegExp;
  rules: readonly RedactionRule[];
}

/** The group of some rules: what any of them needs. */
export function groupRules(rules: readonly RedactionRule[]): RuleGroup {
  const needs = rules.map((rule) => rule.needs ?? rule.pattern);
  const sources = new Set(needs.map(({ source }) => source));
  return {
    needs: new RegExp([...sources].join("|"), needs.some(({ ignoreCase }) => ignoreCase) ? "i" : ""),
    rules,
  };
}

/** Applies the rules of a group to a text. */
export function applyGroup(text: string, { needs, rules }: RuleGroup): string {
  if (!needs.test(text)) return text;
  return rules.reduce(
    (result, rule) => rule.needs?.test(result) === false ? result : applyRule(result, rule),
    text,
  );
}

function applyRule(text: string, rule: RedactionRule): string {
  return text.replace(rule.pattern, (match, ...rest) => {
    if (rule.replace === undefined) return placeholder(rule.kind);
    const end = rest.findIndex((value) => typeof value === "number");
    return rule.replace(match, rest.slice(0, end)) ?? match;
  });
}
