/** What a table is made of, one group after the other, with what is under way said aloud. @module */

import { withProgress } from "../../stack/progress.ts";

/** The rows of all groups; says before each what it is about to do. */
export async function inTurn<Group extends { name: string }, Row>(
  groups: readonly Group[],
  rowsOf: (group: Group) => Promise<readonly Row[]>,
  onProgress: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, group] of groups.entries()) {
    const label = `${index + 1} of ${groups.length}: ${group.name}`;
    onProgress(label);
    rows.push(...await withProgress(label, onProgress, () => rowsOf(group)));
  }
  return rows;
}
