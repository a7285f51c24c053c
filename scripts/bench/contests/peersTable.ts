/** The rows of all contests as one table. @module */

import { markdownTable } from "../../lib/documentTable.ts";
import type { ContestRow } from "./contest.ts";

/** What the columns are called. */
export const PEERS_COLUMNS = ["measured", "ours", "peer", "ours / peer", "10 %–90 %"] as const;

/** The table as a document shows it. */
export function peersTable(rows: readonly ContestRow[]): string {
  return markdownTable(PEERS_COLUMNS, rows.map(cellsOf));
}

/** One row, cell by cell. */
export function cellsOf({ what, ours, peer, oursMs, peerMs, ratio }: ContestRow): string[] {
  return [
    what,
    `${ours}: ${timeText(oursMs)}`,
    `${peer}: ${timeText(peerMs)}`,
    ratioText(ratio.median),
    `${ratioText(ratio.low)}–${ratioText(ratio.high)}`,
  ];
}

/** A time in the unit in which it is easily read, with two or three digits. */
export function timeText(ms: number): string {
  if (Math.abs(ms) >= 1) return `${digits(ms)} ms`;
  if (Math.abs(ms) >= 0.001) return `${digits(ms * 1_000)} µs`;
  return `${digits(ms * 1_000_000)} ns`;
}

function ratioText(ratio: number): string {
  return Math.abs(ratio) >= 10 ? ratio.toFixed(0) : ratio.toFixed(2);
}

function digits(value: number): string {
  return Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(1);
}
