/** What a review found about groups that are merged under a fix on trial, a burst that never ends, and impossible facts. */

import assert from "node:assert/strict";
import { decideFix } from "../../supabase/functions/_shared/contextAnalysis.ts";
import { type CapturedError, captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { engineOf, MISSING_FUNCTION, prepared } from "../helpers/engine.ts";
import { merge, undo } from "../helpers/errorGroups.ts";
import { decisionInput, situation, sureProposal } from "../helpers/situation.ts";

Deno.test("merge_error_groups() and its undo wait for the verdict on a fix that is on trial: foreign occurrences would take it back", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await setSetting(contract.rpc, "validation_min_seconds", 3_600);
  const { errors: [kept] } = await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  const { errors: [before] } = await captureErrors(contract.rpc, [occurrence({ fingerprint: "v2:before" })]);
  await database.query(
    "update detected_errors set status = 'escalated', resolution = 'a test', resolved_at = now() where id = $1",
    [before!.id],
  );
  const { merge_id } = await merge(database, [kept!.id, before!.id]);
  await engine.detectAndHeal();
  const [fix] = await database.query("select status from auto_fixes where detected_error_id = $1", [
    kept!.id,
  ]);
  assert.equal(fix!.status, "validating");
  const { errors: [other] } = await captureErrors(contract.rpc, [occurrence({ fingerprint: "v2:other" })]);
  await assert.rejects(merge(database, [kept!.id, other!.id]), { code: "PT409" });
  await assert.rejects(undo(database, merge_id), { code: "PT409" });
  await database.query(
    "update auto_fixes set status = 'kept', finished_at = now(), verdict = '{\"reason\": \"ok\"}'",
  );
  await undo(database, merge_id);
});

function refusals(count: number): CapturedError[] {
  return Array.from({ length: count }, (_, index) =>
    occurrence({
      fingerprint: `v2:denied:${index}`,
      slots: [`t${index}`],
      error_type: "permission_denied",
      category: "auth",
    }));
}

Deno.test("acknowledge_security_burst() lets healing go on while a known burst lasts, and not when it doubles", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const hold = async () => {
    const [row] = await database.query("select healing_private.security_burst() ->> 'hold' as hold");
    return row!.hold === "true";
  };
  await captureErrors(contract.rpc, refusals(6));
  assert.equal(await hold(), true);
  const call = "select acknowledge_security_burst(60, 'a scanner, nothing got in') as answer";
  await assert.rejects(database.asRole("service_role", {}, (session) => session.query(call)), {
    code: "PT403",
  });
  await assert.rejects(database.asRole("authenticated", {}, (session) => session.query(call)), {
    code: "PT403",
  });
  await assert.rejects(database.query("select acknowledge_security_burst(60, ' ')"), { code: "PT400" });
  await assert.rejects(database.query("select acknowledge_security_burst(100000, 'x')"), { code: "PT400" });
  await database.query(call);
  assert.equal(await hold(), false);
  await captureErrors(contract.rpc, refusals(12));
  assert.equal(await hold(), false);
  await captureErrors(contract.rpc, refusals(13));
  assert.equal(await hold(), true);
  await database.query(call);
  assert.equal(await hold(), false);
  await database.query("update security_acknowledgements set ends_at = now() - interval '1 second'");
  assert.equal(await hold(), true);
});

/** Every number of a situation, by its path. */
function numbersIn(value: object, path: string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === "number") return [[...path, key]];
    return typeof inner === "object" && inner !== null ? numbersIn(inner, [...path, key]) : [];
  });
}

/** The situation with the number at a path changed. */
function changed<Facts>(facts: Facts, [name, ...rest]: readonly string[], to: number): Facts {
  if (name === undefined) return to as Facts;
  const inner = (facts as Record<string, unknown>)[name];
  return { ...facts, [name]: changed(inner, rest, to) };
}

Deno.test("decideFix() takes a number that cannot be, such as a negative age after a jump of the clock, for one that is not known", () => {
  const known: unknown[] = [];
  for (const group of ["database", "deployment", "payload"] as const) {
    for (const [risk, tier] of [["low", "deterministic"], ["medium", "learned"]] as const) {
      const decide = (path: readonly string[], to: number) =>
        decideFix(
          decisionInput({
            context: changed(situation(), path, to),
            group,
            risk,
            proposal: sureProposal({ tier }),
          }),
        );
      for (const path of numbersIn(situation())) {
        for (const impossible of [-1, -1e9, Number.NEGATIVE_INFINITY]) {
          if (decide(path, impossible).decision !== decide(path, Number.NaN).decision) {
            known.push([group, risk, path.join("."), impossible]);
          }
        }
      }
    }
  }
  assert.deepEqual(known, []);
});
