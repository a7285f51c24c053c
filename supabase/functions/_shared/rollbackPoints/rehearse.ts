/** Tries a fix inside a transaction, and says what exactly it changes. @module */

import type { SqlPort } from "../core/ports.ts";
import { type FixAction, kindOf, type PayloadAccess } from "../fixActions.ts";
import { describeObjects, type Touched, touchedObjects } from "./catalogue.ts";
import { bounded, changesBetween, type FixChanges, without } from "./changes.ts";
import { countWrites, finishRows, rowsAfter } from "./rows.ts";

/** What a rehearsal showed. */
export type Rehearsal =
  | { kind: "works"; measured: string; changes: FixChanges }
  | { kind: "fails"; measured: string }
  /** Somebody has done the same meanwhile. */
  | { kind: "alreadyDone"; measured: string };

/**
 * Applies and probes a fix, reads what it has changed, and takes it back. Rejects when the fix raises an error; the
 * caller takes its transaction back in any case.
 */
export async function rehearseFix(sql: SqlPort, action: FixAction): Promise<Rehearsal> {
  const kind = kindOf(action);
  const context = { sql };
  const precondition = await kind.precondition(context, action);
  if (precondition.kind === "alreadyDone") return { kind: "alreadyDone", measured: precondition.reason };
  if (precondition.kind === "refused") return { kind: "fails", measured: precondition.reason };
  await sql.query("savepoint before_rehearsal");
  const from = await countWrites(sql);
  await kind.apply(context, action);
  const to = await countWrites(sql);
  const probe = await kind.probe(context, action);
  if (!probe.ok) return { kind: "fails", measured: probe.measured };
  const changes = await underEmptyPath(sql, async () => {
    const made = await touchedObjects(sql, "made");
    const after = await describeObjects(sql, made);
    const rows = await rowsAfter(sql, from, to);
    await takeBack(sql);
    const undone = touchedBut(await touchedObjects(sql, "undone"), made);
    const before = [...await describeObjects(sql, made), ...await describeObjects(sql, undone)];
    // What lost a part shows it in nothing that is there, so it is looked at in a second go.
    const rest = before.length === 0 || undone.size === 0 ? [] : await afterAgain(sql, action, undone);
    return await bounded(changesBetween(before, [...after, ...rest]), await finishRows(sql, rows));
  });
  return { kind: "works", measured: probe.measured, changes };
}

async function afterAgain(sql: SqlPort, action: FixAction, touched: Touched) {
  await kindOf(action).apply({ sql }, action);
  await setPath(sql, "");
  const after = await describeObjects(sql, touched);
  await takeBack(sql);
  return after;
}

async function takeBack(sql: SqlPort): Promise<void> {
  await sql.query("rollback to savepoint before_rehearsal");
  await setPath(sql, "");
}

/** Objects of the first that the second does not have. */
function touchedBut(touched: Touched, others: Touched): Touched {
  const left = [...touched].map(([objectClass, oids]) =>
    [objectClass, oids.filter((oid) => !others.get(objectClass)?.includes(oid))] as const
  );
  return new Map(left.filter(([, oids]) => oids.length > 0));
}

/** Under an empty search_path the server spells every name in full. */
export async function underEmptyPath<Result>(sql: SqlPort, work: () => Promise<Result>): Promise<Result> {
  const [row] = await sql.query<{ path: string }>(
    "select pg_catalog.current_setting('search_path') as path",
  );
  await setPath(sql, "");
  const result = await work();
  await setPath(sql, row!.path);
  return result;
}

async function setPath(sql: SqlPort, path: string): Promise<void> {
  await sql.query("select pg_catalog.set_config('search_path', $1, true)", [path]);
}

/** What a fix does to the text of a migration. */
export async function statementChanges(
  before: readonly { text: string; alone?: boolean }[],
  after: readonly { text: string; alone?: boolean }[],
): Promise<FixChanges> {
  const lines = (statements: typeof before) =>
    statements.map(({ text, alone }) => alone ? `outside of a transaction: ${text}` : text);
  const [gone, come] = [without(lines(before), lines(after)), without(lines(after), lines(before))];
  const isMoved = gone.length + come.length === 0;
  return await bounded([{
    class: "migration",
    name: "statements",
    change: "changed",
    before: gone,
    after: isMoved ? ["the same statements in another order"] : come,
  }], []);
}

/** What a fix does to a row that is written, tried on a copy of it. */
export async function payloadChanges(action: FixAction, payload: PayloadAccess): Promise<Rehearsal> {
  const kind = kindOf(action);
  const context = { payload: { ...payload, row: { ...payload.row } } };
  const precondition = await kind.precondition(context, action);
  if (precondition.kind === "alreadyDone") return { kind: "alreadyDone", measured: precondition.reason };
  if (precondition.kind === "refused") return { kind: "fails", measured: precondition.reason };
  await kind.apply(context, action);
  const probe = await kind.probe(context, action);
  if (!probe.ok) return { kind: "fails", measured: probe.measured };
  const lines = (row: Record<string, unknown>) =>
    Object.entries(row).map(([name, value]) => `${name}: ${JSON.stringify(value) ?? "undefined"}`);
  const [was, is] = [lines(payload.row), lines(context.payload.row)];
  const changes = await bounded([{
    class: "payload",
    name: "row",
    change: "changed",
    before: without(was, is),
    after: without(is, was),
  }], []);
  return { kind: "works", measured: probe.measured, changes };
}
