/** How alike two names are, for hints of the form "perhaps you meant". @module */

/** The candidate that is most like the text; undefined when none reaches `minScore` (0..1). */
export function closest(text: string, candidates: readonly string[], minScore: number): string | undefined {
  let best: { candidate: string; score: number } | undefined;
  for (const candidate of candidates) {
    const score = similarity(text, candidate);
    if (score >= minScore && (best === undefined || score > best.score)) best = { candidate, score };
  }
  return best?.candidate;
}

/** 1 for equal texts, 0 for texts that share nothing; by edit distance, letter case aside. */
export function similarity(left: string, right: string): number {
  // A name in Postgres has at most 63 bytes; a longer text is not worth a quadratic comparison.
  const [a, b] = [left.slice(0, 256).toLowerCase(), right.slice(0, 256).toLowerCase()];
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - editDistance(a, b) / longest;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
