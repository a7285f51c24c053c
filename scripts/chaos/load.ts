/** The clients of a chaos run: they call with keys and call again under the same key until they have an answer. @module */

import { type Chance, seededChance } from "../lib/simulation.ts";
import { HOSTILE_SANITIZER_PARTS, repeated } from "../../tests/helpers/hostileTexts.ts";
import type { Asked } from "./ledger.ts";
import { captureBatch } from "./captures.ts";
import { pause } from "./pause.ts";
import type { World } from "./world.ts";

/** The clients. */
export interface Load {
  /** No new calls; those that wait are asked again until they have an answer or the time is over. */
  finish(timeoutMs: number): Promise<void>;
}

const CLIENTS = 3;
const THINK_MS = 60;
/** So many calls may wait for their answer before nothing new is asked. */
const MOST_WAITING = 300;
const BATCH_ROWS = 20;
const CAPTURE_EVERY_MS = 500;
/** How a function says that the caller's part is done: the request waits in the queue until its fault is mended. */
const KEPT = "is kept and made again";
/** How the gateway marks an error that the function itself has answered. */
const OF_FUNCTION = "EDGE_FUNCTION_ERROR";

/** Starts the clients. */
export function startLoad(world: World, seed: number): Load {
  const state = { isFinishing: false, hasEnded: false };
  const clients = Array.from(
    { length: CLIENTS },
    (_, index) => runClient(world, seededChance(seed + index), `${seed}-${index}`, state),
  );
  const capturer = runCapturer(world, seededChance(seed + 1_000), state);
  return {
    async finish(timeoutMs) {
      state.isFinishing = true;
      const deadline = performance.now() + timeoutMs;
      while (world.ledger.waiting.size > 0 && performance.now() < deadline) await pause(100);
      state.hasEnded = true;
      await Promise.all([...clients, capturer]);
    },
  };
}

interface LoadState {
  isFinishing: boolean;
  hasEnded: boolean;
}

async function runClient(world: World, chance: Chance, name: string, state: LoadState): Promise<void> {
  const { ledger } = world;
  const mine = new Map<string, Asked>();
  for (let number = 0; !state.hasEnded; number++) {
    const mayAsk = !state.isFinishing && mine.size < MOST_WAITING / CLIENTS;
    const isNew = mayAsk && (mine.size === 0 || chance() < 0.7);
    const [oldest] = mine.values();
    const asked = isNew ? draw(chance, `${name}-${number}`, world) : oldest;
    if (asked !== undefined) {
      if (isNew) ledger.waiting.set(asked.key, asked);
      // To the end of the queue.
      mine.delete(asked.key);
      const isAnswered = await askOnce(world, asked);
      if (isAnswered) ledger.waiting.delete(asked.key);
      else mine.set(asked.key, asked);
    }
    await pause(THINK_MS);
  }
}

const KINDS: readonly (readonly [Asked["kind"], number])[] = [
  ["write", 0.4],
  ["healed", 0.15],
  ["batch", 0.1],
  ["report", 0.1],
  ["partner", 0.1],
  ["poison", 0.15],
];

function draw(chance: Chance, key: string, { partner }: World): Asked {
  let rest = chance();
  const [kind] = KINDS.find(([, share]) => (rest -= share) < 0) ?? KINDS[0]!;
  const row = (rowKey: string, isOdd = false) =>
    isOdd
      ? { key: rowKey, sender: "user", message: `message ${rowKey}` }
      : { key: rowKey, role: "user", content: `message ${rowKey}` };
  if (kind === "report") return { kind, key, body: { what: "report", key }, rowKeys: [] };
  if (kind === "partner") {
    return { kind, key, body: { what: "partner", key, partner: partner.url }, rowKeys: [] };
  }
  if (kind === "poison") return { kind, key, body: { what: "poison", key, ...poison(chance) }, rowKeys: [] };
  const count = kind === "batch" ? BATCH_ROWS : 1;
  const rowKeys = Array.from({ length: count }, (_, index) => `${key}/${index}`);
  const odd = kind === "healed" ? 0 : Math.floor(chance() * BATCH_ROWS);
  const rows = rowKeys.map((rowKey, index) => row(rowKey, kind !== "write" && index === odd));
  return { kind, key, body: { what: "write", key, rows }, rowKeys };
}

const POISONS = ["null", "undefined", "text", "proxy", "reference", "deep"];

function poison(chance: Chance): object {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(chance() * items.length)]!;
  return { poison: pick(POISONS), text: repeated(pick(HOSTILE_SANITIZER_PARTS), 1 + chance() * 5_000) };
}

/** Whether the call has its answer; a call without one is asked again under its key. */
async function askOnce(world: World, asked: Asked): Promise<boolean> {
  const { ledger } = world;
  ledger.calls++;
  try {
    const answer = await world.call("chaos-call", asked.body, asked.key);
    const text = await answer.text();
    const isAnswered = readAnswer(world, asked, answer, text);
    ledger.count(isAnswered ? `${asked.kind}: answered` : `${asked.kind}: ${answer.status}, asked again`);
    return isAnswered;
  } catch {
    ledger.count(`${asked.kind}: no answer, asked again`);
    return false;
  }
}

interface AnswerBody {
  code?: string;
  hint?: string;
  statuses?: string[];
  slug?: string;
  ok?: boolean;
}

function readAnswer({ ledger }: World, asked: Asked, { status, headers }: Response, text: string): boolean {
  const body = parse(text);
  const isCoded = body?.code !== undefined || headers.has("sb-error-code");
  if (body === undefined || (status >= 400 && !isCoded)) {
    ledger.strange.push(`${asked.kind} ${asked.key}: ${status} ${text.slice(0, 200)}`);
    return false;
  }
  // What the platform says when a function is gone is no answer of the function.
  const isOfPlatform = (headers.get("sb-error-code") ?? OF_FUNCTION) !== OF_FUNCTION;
  if (asked.kind === "poison") return status >= 400 && !isOfPlatform;
  if (body.hint?.includes(KEPT)) {
    ledger.kept.add(asked.key);
    ledger.count(`${asked.kind}: kept`);
    return true;
  }
  if (status !== 200) return false;
  if (asked.kind === "report" && body.slug !== undefined) ledger.savedReports.add(asked.key);
  if (asked.kind === "partner" && body.ok) ledger.partnered.add(asked.key);
  if (asked.kind === "report" || asked.kind === "partner") return true;
  const statuses = body.statuses ?? [];
  const isSaved = statuses.map((one) => one === "saved" || one === "healed");
  isSaved.forEach((is, index) => is && ledger.savedRows.add(asked.rowKeys[index]!));
  return statuses.length === asked.rowKeys.length && isSaved.every(Boolean);
}

function parse(text: string): AnswerBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function runCapturer(world: World, chance: Chance, state: LoadState): Promise<void> {
  while (!state.isFinishing) {
    await captureBatch(world, chance);
    await pause(CAPTURE_EVERY_MS);
  }
}
