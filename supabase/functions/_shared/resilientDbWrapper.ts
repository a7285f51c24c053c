/**
 * Writes that heal: a row whose keys do not fit the table lands in the columns that they clearly mean.
 *
 * A write is one request. When a key is no column, the database writes nothing and answers with the columns; what
 * is clearly meant is renamed and sent once more. The same instance then knows the table, so that a known mismatch
 * costs it no extra request. A key that is not clearly meant makes the write fail and drops nothing.
 *
 * @example
 * ```ts
 * import { createResilientDb } from "./resilientDbWrapper.ts";
 *
 * const sent: unknown[] = [];
 * const db = createResilientDb({ call: (_name, args) => (sent.push(args.p_rows), Promise.resolve({ status: "saved", rows: 1 } as never)) });
 * await db.insert("messages", { role: "user", content: "Hello" });
 * console.assert(sent.length === 1);
 * ```
 *
 * @module
 */

import { runInBackground } from "./core/background.ts";
import { HealingError } from "./core/errors.ts";
import type { RpcPort } from "./core/ports.ts";
import { type AppliedMapping, type ColumnFacts, healPayload } from "./deterministicFixPatterns.ts";
import type { RequestHeal } from "./healingDb.ts";

/** What became of a write. */
export interface WriteResult {
  /** Rows that were saved. */
  rows: number;
  /** What was renamed, per row, empty when nothing had to be. */
  healed: { index: number; applied: AppliedMapping[] }[];
}

/** A row, by column. */
export type Row = Record<string, unknown>;

/** The write path. */
export interface ResilientDb {
  /** Inserts one row or several; rejects with a {@link HealingError} and writes nothing when one cannot be made to fit. */
  insert(table: string, rows: Row | readonly Row[]): Promise<WriteResult>;
}

/** How a write path reports. */
export interface ResilientDbOptions {
  /** Records heals, in the background. */
  onHealed?: (heals: readonly RequestHeal[]) => Promise<unknown>;
  functionName?: string;
}

type Answer =
  | { status: "saved"; rows: number }
  /** `healing: "off"`: the rows fit, but a switch keeps them from being altered. */
  | { status: "mismatch"; columns: ColumnFacts[]; healing?: "off" };

/** Makes the write path over the caller's own connection: it writes with the caller's rights. */
export function createResilientDb(db: RpcPort, options: ResilientDbOptions = {}): ResilientDb {
  const columnsOf = new Map<string, ColumnFacts[]>();
  return {
    async insert(table, rows) {
      const list = Array.isArray(rows) ? rows as readonly Row[] : [rows as Row];
      const known = columnsOf.get(table);
      const first = known === undefined ? unchanged(list) : healRows(table, known, list) ?? unchanged(list);
      let answer = await send(db, table, first);
      let sent = first;
      if (answer.status === "mismatch") {
        columnsOf.set(table, answer.columns);
        sent = healRows(table, answer.columns, list) ?? refuse(table, answer.columns, list);
        answer = await send(db, table, sent);
      }
      if (answer.status === "mismatch") {
        throw answer.healing === "off" ? switchedOff(table) : changedMeanwhile(table);
      }
      if (sent.healed.length > 0) report(options, table, sent.healed);
      return { rows: answer.rows, healed: sent.healed };
    },
  };
}

interface Healed {
  rows: readonly Row[];
  healed: WriteResult["healed"];
}

function unchanged(rows: readonly Row[]): Healed {
  return { rows, healed: [] };
}

function send(db: RpcPort, table: string, { rows, healed }: Healed): Promise<Answer> {
  const altered = healed.length === 0 ? {} : { p_altered: true };
  return db.call<Answer>("write_rows", { p_table: table, p_rows: rows, ...altered });
}

/** All rows made to fit, or null when one cannot be. */
function healRows(table: string, columns: readonly ColumnFacts[], rows: readonly Row[]): Healed | null {
  const names = new Set(columns.map((column) => column.name));
  const healed: Healed["healed"] = [];
  const fitting: Row[] = [];
  for (const [index, row] of rows.entries()) {
    if (Object.keys(row).every((key) => names.has(key))) {
      fitting.push(row);
      continue;
    }
    const result = healPayload({ table, columns }, row);
    if (result.decision !== "map") return null;
    fitting.push(result.row);
    healed.push({ index, applied: result.applied });
  }
  return { rows: fitting, healed };
}

function refuse(table: string, columns: readonly ColumnFacts[], rows: readonly Row[]): never {
  const reasons = rows.map((row) => healPayload({ table, columns }, row)).filter((result) =>
    result.decision !== "map"
  );
  throw new HealingError(
    "BAD_REQUEST",
    `The row does not fit table ${JSON.stringify(table)}: ${reasons[0]?.reason}`,
    {
      hint: `Its columns are ${columns.map((column) => column.name).join(", ")}`,
      details: { unmapped: reasons[0]?.problems.map(({ key }) => key).slice(0, 100) ?? [] },
    },
  );
}

function switchedOff(table: string): HealingError {
  return new HealingError(
    "KILL_SWITCH",
    `The row does not fit table ${JSON.stringify(table)}, and healing is off`,
    {
      hint: "An admin can turn it on: settings enabled, dry_run and mode_payload",
    },
  );
}

function changedMeanwhile(table: string): HealingError {
  return new HealingError("CONFLICT", `Table ${JSON.stringify(table)} changed while the row was sent`, {
    hint: "Send it again",
  });
}

/** One heal for each key that was renamed in this call, however many rows had it: a call is one piece of evidence. */
function report(
  { onHealed, functionName }: ResilientDbOptions,
  table: string,
  healed: WriteResult["healed"],
): void {
  if (onHealed === undefined) return;
  const renamed = new Map(
    healed.flatMap(({ applied }) => applied).filter(({ action }) => action === "rename_column")
      .map((mapping) => [mapping.from, mapping]),
  );
  const unit = crypto.randomUUID();
  const heals = [...renamed.values()].slice(0, 100).map(({ from, to }): RequestHeal => ({
    category: "payload",
    severity: "low",
    result: "success",
    message: `${table}: ${from} -> ${to}`.slice(0, 1_000),
    function_name: functionName ?? null,
    strategy: "rename_column",
    tier: "deterministic",
    unit,
    pattern: {
      pattern_name: `${table}_${from}_to_${to}`.slice(0, 200),
      error_signature: `unknown column ${from} of ${table}`.slice(0, 1_000),
      fix_strategy: { kind: "rename_column", from, to },
      category: "payload",
      origin: "deterministic",
    },
  }));
  runInBackground(() => onHealed(heals));
}
