/**
 * Two success rates compared by betting: a test that may be looked at after every outcome.
 *
 * The block 2x2 e-process of Turner, Ly and Grunwald (2024, Journal of Statistical Planning and Inference 230:106116).
 * Outcomes are collected into blocks; each closed block is bet on with the rates that the earlier blocks suggest
 * (Beta(2,2) plug-in). With equal arms the product E of the winnings reaches 20 with probability 5 % at most, at
 * whatever times one looks and however units are shared out. Two things break that, and the caller must prevent them:
 * several outcomes of one unit, and one arm whose failures arrive later than the other's.
 *
 * The state is plain JSON, so that a row of the database can keep it between ticks.
 *
 * @module
 */

import { type ArmCounts, requireArm, requireNumber } from "./require.ts";

/** The outcomes of both arms over the same time. */
export interface ArmPair {
  a: ArmCounts;
  b: ArmCounts;
}

/** What is known so far, plain JSON. */
export interface EProcessState extends ArmPair {
  /** The logarithm of the winnings of the bets that a is better. */
  logA: number;
  /** The logarithm of the winnings of the bets that b is better. */
  logB: number;
  /** Outcomes that wait for their block to close; not in `a` and `b`. */
  open: ArmPair;
}

/** The winnings so far; each is capped at the largest finite number, so that JSON holds it. */
export interface EValues {
  /** Winnings of both bets; 20 means that the arms differ, with an error of 5 %. */
  both: number;
  /** Winnings of the one-sided bet that a is better. */
  a: number;
  /** Winnings of the one-sided bet that b is better. */
  b: number;
}

/** A block closes at this many outcomes, once both arms have one; what the outcomes are plays no part. */
const BLOCK_SIZE = 10;

/** The state before the first outcome. */
export function createEProcess(): EProcessState {
  const open = { a: { successes: 0, n: 0 }, b: { successes: 0, n: 0 } };
  return { a: { successes: 0, n: 0 }, b: { successes: 0, n: 0 }, logA: 0, logB: 0, open };
}

/** The state after newly matured outcomes; the given state stays as it is. */
export function addOutcomes(state: EProcessState, outcomes: ArmPair): EProcessState {
  const task = "add outcomes";
  requireState(task, state);
  requireArm(task, "outcomes.a", outcomes.a);
  requireArm(task, "outcomes.b", outcomes.b);
  const open = { a: add(state.open.a, outcomes.a), b: add(state.open.b, outcomes.b) };
  const isClosed = open.a.n + open.b.n >= BLOCK_SIZE && open.a.n > 0 && open.b.n > 0;
  return isClosed ? closeBlock(state, open) : { ...state, open };
}

/** The winnings of a state. */
export function eValuesOf(state: EProcessState): EValues {
  requireState("read an e-process", state);
  return { both: finiteExp(state.logA + state.logB), a: finiteExp(state.logA), b: finiteExp(state.logB) };
}

/** Every outcome that was recorded, in closed blocks or not. */
export function recordedOf(state: EProcessState): ArmPair {
  return { a: add(state.a, state.open.a), b: add(state.b, state.open.b) };
}

/** e^x, at most the largest finite number. */
export function finiteExp(x: number): number {
  return Math.min(Math.exp(x), Number.MAX_VALUE);
}

function closeBlock(state: EProcessState, block: ArmPair): EProcessState {
  // Only earlier blocks may shape the bet: a bet that knows its own outcome always wins.
  const a = smoothedOdds(state.a);
  const b = smoothedOdds(state.b);
  const n = block.a.n + block.b.n;
  const success = (block.a.n * a.success + block.b.n * b.success) / n;
  const failure = (block.a.n * a.failure + block.b.n * b.failure) / n;
  const won = winnings(block.a, a, { success, failure }) + winnings(block.b, b, { success, failure });
  return {
    a: add(state.a, block.a),
    b: add(state.b, block.b),
    logA: state.logA + (a.success > b.success ? won : 0),
    logB: state.logB + (b.success > a.success ? won : 0),
    open: createEProcess().open,
  };
}

interface Rates {
  success: number;
  failure: number;
}

function smoothedOdds({ successes, n }: ArmCounts): Rates {
  return { success: (2 + successes) / (4 + n), failure: (2 + n - successes) / (4 + n) };
}

function winnings({ successes, n }: ArmCounts, own: Rates, pooled: Rates): number {
  return successes * Math.log(own.success / pooled.success) +
    (n - successes) * Math.log(own.failure / pooled.failure);
}

function add(one: ArmCounts, other: ArmCounts): ArmCounts {
  return { successes: one.successes + other.successes, n: one.n + other.n };
}

function requireState(task: string, state: EProcessState): void {
  requireArm(task, "state.a", state.a);
  requireArm(task, "state.b", state.b);
  requireArm(task, "state.open.a", state.open.a);
  requireArm(task, "state.open.b", state.open.b);
  requireNumber(task, "state.logA", state.logA, {});
  requireNumber(task, "state.logB", state.logB, {});
}
