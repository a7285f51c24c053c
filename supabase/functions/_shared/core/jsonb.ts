/** What a `jsonb` column can hold: less than JSON can say. @module */

const MAX_DEPTH = 100;

/** False for values with NUL characters, lone surrogates or absurd nesting, which Postgres refuses or chokes on. */
export function fitsJsonb(value: unknown): boolean {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > MAX_DEPTH) return false;
    if (typeof next.value === "string" && !isStorable(next.value)) return false;
    if (typeof next.value !== "object" || next.value === null) continue;
    for (const [key, inner] of Object.entries(next.value)) {
      if (!isStorable(key)) return false;
      waiting.push({ value: inner, depth: next.depth + 1 });
    }
  }
  return true;
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
