/** A project in which something has happened of all that the pages ask about, and the values that stand for their `<names>`. @module */

import { requestDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import { ensembleDecision, recordEnsembleTruth } from "../../supabase/functions/_shared/ensembleLearning.ts";
import { createFixExperiment } from "../../supabase/functions/_shared/fixExperiments.ts";
import { captureErrors, reserveAiCall } from "../../supabase/functions/_shared/healingDb.ts";
import { startRollout } from "../../supabase/functions/_shared/rolloutDb.ts";
import { reservation } from "./aiLedger.ts";
import { type Contract, occurrence } from "./contract.ts";
import type { TestDatabase } from "./database.ts";
import { engineOf, operation } from "./engine.ts";
import { FIX_A, FIX_B, storePattern } from "./experiments.ts";
import { begin, claim, save } from "./generations.ts";
import { liveThrough } from "./livedProject.ts";
import { patternWith } from "./patterns.ts";
import { FEATURE, readyRelease } from "./rollouts.ts";

/** What {@link liveThrough} tells, and besides: experiments, releases, generations, and what models and looks have said. */
export async function liveThroughAll(database: TestDatabase, contract: Contract): Promise<void> {
  const { rpc } = contract;
  await liveThrough(database, contract);
  await waitWithAlternatives(database, contract);
  for (const signature of ["3F000: schema $1 does not exist", "42883: function $1 does not exist"]) {
    await createFixExperiment(rpc, await storePattern(rpc, signature), FIX_A, FIX_B);
  }
  await captureErrors(rpc, ["v2:a", "v2:b"].map((fingerprint) => occurrence({ fingerprint })));
  const action = { kind: "create_schema", schema: "shop" };
  const votes = [{ voter: "rules", action, answer: true }];
  const { id, ranking } = await ensembleDecision(rpc, [{ voter: "patterns", action }], { unit: "7", votes });
  await recordEnsembleTruth(rpc, id, ranking[0]!.key, true);
  await release(database, contract);
  await generate(database);
  await reserveAiCall(rpc, reservation({ purpose: "error_analysis" }));
  await database.query(REMEMBERED);
}

/** A schema is missing: the rule would make it, and a pattern that has shown nothing yet would make the call again. */
async function waitWithAlternatives(database: TestDatabase, contract: Contract): Promise<void> {
  await patternWith(contract.rpc, "", {
    pattern_name: "missing_schema: retry",
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "retry" },
  });
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(contract.rpc, [occurrence({ fingerprint: "v2:waits", operation: operation("waits") })]);
  await engine.detectAndHeal();
}

async function release(database: TestDatabase, { rpc }: Contract): Promise<void> {
  for (const projectId of ["shop", "paused"]) {
    await startRollout(rpc, await readyRelease(database, { projectId }), FEATURE);
  }
  await database.query(
    `update rollouts as r set status = 'paused', pause_rule = 'person' from deployment_logs as d
     where d.id = r.deployment_id and d.project_id = 'paused'`,
  );
  await requestDeployment(rpc, { project_id: "shop", reason: "a fix", kind: "fix", key: "a", changes: {} });
}

async function generate(database: TestDatabase): Promise<void> {
  const begun = await begin(database);
  await save(database, await claim(database, begun.request_id));
  await database.query("update generated_projects set quality_score = 60");
  for (let time = 0; time < 3; time++) {
    await database.query(
      "insert into generation_failures (error_type, error_message, framework) values ('missing_import', 'no App', 'react-vite')",
    );
  }
}

/** Rows whose stories other tests tell. */
const REMEMBERED = `
insert into circuit_breakers (name) values ('openai');
update universal_error_patterns set auto_fixable = true;
insert into error_analyses (fingerprint, version, status, analysis, model, expires_at)
  values ('v2:a', '1', 'answered', '{"explanation": "the schema is missing", "causes": [], "proposals": []}', 'model', now() + interval '1 day');
insert into auto_fixes select (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid()) || changed)).*
  from auto_fixes as f, unnest(array['{"tier": "ai"}', '{"action_kind": "add_file", "action": {"kind": "add_file"}, "target": "project:shop"}']::jsonb[]) as changed
  where f.id = (select auto_fix_id from applied_improvements where status = 'in_force' limit 1);
insert into applied_improvements (auto_fix_id, action_kind, target, description, rollback_point)
  select id, action_kind, target, 'what a story has done', '{}' from auto_fixes as f
  where status = 'kept' and not exists (select from applied_improvements as i where i.auto_fix_id = f.id);
insert into database_findings (scope, fingerprint, code, severity, object, message, advice)
  values ('advice', 'a', 'no_primary_key', 'low', 'public.notes', 'notes has no key', 'add one');
insert into rollout_verdicts (rollout_id, kind, rule, reason, share, share_after, status_after, actor)
  select id, 'wait', 'tooEarly', 'ten minutes have not passed', 10, 10, 'running', 'engine' from rollouts limit 1;
insert into deployment_correlations (detected_error_id, deployment_id, place, score, reason)
  select e.id, d.id, 1, 0.3, 'a minute before' from detected_errors as e, (select id from deployment_logs limit 1) as d;
`;

/** What stands for a name in a statement, where that one is `about`. */
interface StandIn {
  name: string;
  about?: RegExp;
  query: string;
}

const STAND_INS: readonly StandIn[] = [
  {
    name: "approval",
    about: /choose_alternative/,
    query:
      "select id from admin_approval_queue where status = 'pending' and jsonb_array_length(alternatives) > 0",
  },
  { name: "approval", query: "select id from admin_approval_queue where status = 'pending'" },
  { name: "preview_key", query: "select preview_key from admin_approval_queue where status = 'pending'" },
  { name: "fix", query: "select auto_fix_id from applied_improvements where status = 'in_force'" },
  { name: "fingerprint", query: "select fingerprint from error_analyses" },
  { name: "error", query: "select id from detected_errors" },
  { name: "rollout", about: /resume_rollout/, query: "select id from rollouts where status = 'paused'" },
  { name: "rollout", query: "select id from rollouts where status = 'running'" },
  {
    name: "deployment",
    about: /decide_deployment/,
    query: "select id from deployment_logs where status = 'pending'",
  },
  {
    name: "deployment",
    about: /deployment_triggers/,
    query: "select deployment_id from deployment_triggers",
  },
  { name: "deployment", query: "select id from deployment_logs" },
  { name: "id", query: "select id from auto_generated_tests" },
];

const NAME = /<([^<>]+)>/g;

/** True for a statement about one row of many. */
export function namesPlaceholder(sql: string): boolean {
  return [...sql.matchAll(NAME)].some(([, name]) => STAND_INS.some((standIn) => standIn.name === name));
}

/** The statement with a value in the place of each `<name>`; a name that nothing stands for stays. */
export async function fillIn(database: TestDatabase, sql: string): Promise<string> {
  let filled = sql;
  for (const [whole, name] of sql.matchAll(NAME)) {
    const standIn = STAND_INS.find((one) => one.name === name && (one.about?.test(sql) ?? true));
    if (standIn === undefined) continue;
    const [row] = await database.query(standIn.query);
    filled = filled.replaceAll(whole, String(Object.values(row ?? {})[0]));
  }
  return filled;
}
