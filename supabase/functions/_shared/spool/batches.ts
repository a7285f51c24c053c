/** Cuts a list of lines into what one request carries. @module */

const MOST_LINES = 100;
const MOST_CHARACTERS = 500_000;

/** Batches of at most 100 lines and half a million characters; a longer line travels alone. */
export function* batchesOf(lines: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for (const line of lines) {
    if (batch.length > 0 && (batch.length === MOST_LINES || characters + line.length > MOST_CHARACTERS)) {
      yield batch;
      [batch, characters] = [[], 0];
    }
    batch.push(line);
    characters += line.length;
  }
  if (batch.length > 0) yield batch;
}
