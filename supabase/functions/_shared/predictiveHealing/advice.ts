/** Asks every rule of advice what it finds in the catalogue. @module */

import type { SqlPort } from "../core/ports.ts";
import type { Finding } from "./finding.ts";
import { duplicateIndex, unusedIndex } from "./advice/indexes.ts";
import { keyUnindexed } from "./advice/keyUnindexed.ts";
import { noPolicy } from "./advice/noPolicy.ts";
import { policyPerRow } from "./advice/policyPerRow.ts";
import { alwaysTrue, trustsMetadata } from "./advice/policyTrust.ts";
import { policyUnindexed } from "./advice/policyUnindexed.ts";
import { definerRoutine, mutablePath } from "./advice/routines.ts";
import { rowSecurityOff } from "./advice/rowSecurityOff.ts";
import { type AdviceRule, type Found, probeOf } from "./advice/rule.ts";
import { severalPolicies } from "./advice/severalPolicies.ts";
import { signUpFails } from "./advice/signUp.ts";
import { bucketListing } from "./advice/storage.ts";
import {
  extensionInPublic,
  noPrimaryKey,
  oddType,
  sequenceEnd,
  timeWithoutZone,
} from "./advice/structure.ts";
import { definerView, foreignTable, materializedView, usersView } from "./advice/views.ts";

/** All rules, what is open first. */
export const ADVICE_RULES: readonly AdviceRule[] = [
  rowSecurityOff,
  usersView,
  definerView,
  trustsMetadata,
  alwaysTrue,
  signUpFails,
  definerRoutine,
  materializedView,
  foreignTable,
  bucketListing,
  mutablePath,
  noPolicy,
  sequenceEnd,
  policyPerRow,
  policyUnindexed,
  severalPolicies,
  keyUnindexed,
  noPrimaryKey,
  duplicateIndex,
  unusedIndex,
  timeWithoutZone,
  oddType,
  extensionInPublic,
];

/** What all rules find. A rule about the platform's tables is not asked where they are not. */
export async function adviseOnCatalogue(db: SqlPort): Promise<Finding[]> {
  const [before] = await db.query<{ path: string; storage: boolean }>(
    `select pg_catalog.current_setting('search_path') as path, pg_catalog.to_regclass('storage.buckets') is not null
       and pg_catalog.has_table_privilege(pg_catalog.to_regclass('storage.buckets'), 'SELECT') as storage`,
  );
  await db.query("select pg_catalog.set_config('search_path', '', true)");
  const findings: Finding[] = [];
  for (const rule of ADVICE_RULES) {
    if (rule !== bucketListing || before!.storage) findings.push(...await ask(rule, db));
  }
  await db.query("select pg_catalog.set_config('search_path', $1, true)", [before!.path]);
  return findings;
}

async function ask(rule: AdviceRule, db: SqlPort): Promise<Finding[]> {
  const rows = rule.asksItself
    ? []
    : await db.query<Found>(`select object, details from (${rule.sql}) as found order by object`);
  const guilty = rule.judge === undefined ? rows : await rule.judge(rows, db);
  return guilty.map((found): Finding => {
    const { severity = rule.severity, fix = null, ...words } = rule.say(found);
    return {
      code: rule.code,
      object: found.object,
      severity,
      fix,
      ...words,
      probe: probeOf(rule, found.object),
    };
  });
}
