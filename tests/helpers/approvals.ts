/** A fix that waits for a person: the policies of a table lead back to it. @module */

import assert from "node:assert/strict";
import {
  type Approval,
  type ApprovalAccess,
  listApprovals,
} from "../../supabase/functions/_shared/approvals.ts";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { ALICE } from "./accessFixes.ts";
import type { Contract } from "./contract.ts";
import type { TestDatabase } from "./database.ts";
import { engineOf } from "./engine.ts";

/** Somebody writes the policy anew while its fix waits. */
export const NARROWER = `alter policy m on members using (team_id > 0 and
  team_id in (select team_id from members where user_id = auth.uid()))`;

/** Breaks the table `members`, has the engine look at it, and returns the question that it asks. */
export async function waitingPolicyFix(database: TestDatabase, contract: Contract): Promise<Approval> {
  await database.query(`
    create table members (team_id int, user_id uuid); alter table members enable row level security;
    grant select on members to authenticated; insert into members values (1, '${ALICE}');
    create policy m on members for select to authenticated using (team_id in (select team_id from members where user_id = auth.uid()));`);
  const error = { code: "42P17", message: 'infinite recursion detected in policy for relation "members"' };
  const { captured } = await analyzeError(Object.assign(new Error(error.message), error));
  await captureErrors(contract.rpc, [captured]);
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  return (await listApprovals(contract.rpc))[0]!;
}

/** The rights of the database's owner, with a direct connection. */
export function accessOf(contract: Contract): ApprovalAccess {
  return { caller: contract.rpc, service: contract.rpc, direct: contract.connection };
}
