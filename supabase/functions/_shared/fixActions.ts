/**
 * The closed set of things that the system may do to mend an error.
 *
 * Whoever proposes a fix (a rule, a learned pattern, a model, a person) proposes one of these kinds with validated
 * parameters; {@link parseFixAction} is the only way in, and nothing else is ever executed. Each kind is one file
 * that holds all there is to know about it: schema, risk, precondition, snapshot, apply, probe, revert.
 *
 * @module
 */

import { HealingError } from "./core/errors.ts";
import type { SqlPort } from "./core/ports.ts";
import { z } from "./core/validation.ts";
import { type AddFile, addFile } from "./fixActions/addFile.ts";
import { type ChangeSetting, changeSetting } from "./fixActions/changeSetting.ts";
import { type CreateBucket, createBucket } from "./fixActions/createBucket.ts";
import { type CreateExtension, createExtension } from "./fixActions/createExtension.ts";
import { type CreateIndex, createIndex } from "./fixActions/createIndex.ts";
import { type CreateSchema, createSchema } from "./fixActions/createSchema.ts";
import { type DropIndex, dropIndex } from "./fixActions/dropIndex.ts";
import { type CreateUniqueIndex, createUniqueIndex } from "./fixActions/createUniqueIndex.ts";
import { type GrantPrivilege, grantPrivilege } from "./fixActions/grantPrivilege.ts";
import type { FixActionKind } from "./fixActions/kind.ts";
import { type PatchFiles, patchFiles } from "./fixActions/patchFiles.ts";
import { type Promote, promote } from "./fixActions/promote.ts";
import { type QualifySearchPath, qualifySearchPath } from "./fixActions/qualifySearchPath.ts";
import { type Redeploy, redeploy } from "./fixActions/redeploy.ts";
import { type ReloadSchemaCache, reloadSchemaCache } from "./fixActions/reloadSchemaCache.ts";
import { type RenameColumn, renameColumn } from "./fixActions/renameColumn.ts";
import { type RepairSignupTrigger, repairSignupTrigger } from "./fixActions/repairSignupTrigger.ts";
import { type ReplacePolicy, replacePolicy } from "./fixActions/replacePolicy.ts";
import { type RequeueOperations, requeueOperations } from "./fixActions/requeueOperations.ts";
import { type ResetBreaker, resetBreaker } from "./fixActions/resetBreaker.ts";
import { type ResetConnection, resetConnection } from "./fixActions/resetConnection.ts";
import { type Retry, retry } from "./fixActions/retry.ts";
import { type RollbackDeployment, rollbackDeployment } from "./fixActions/rollbackDeployment.ts";
import { type SetViewInvoker, setViewInvoker } from "./fixActions/setViewInvoker.ts";
import { type ResyncSequence, resyncSequence } from "./fixActions/resyncSequence.ts";
import { type RewriteMigration, rewriteMigration } from "./fixActions/rewriteMigration.ts";
import { type SetSandboxCell, setSandboxCell } from "./fixActions/setSandboxCell.ts";

export { INSTALLABLE_EXTENSIONS } from "./fixActions/createExtension.ts";
export type {
  FixActionKind,
  FixContext,
  PayloadAccess,
  Precondition,
  ProbeResult,
  ScriptAccess,
} from "./fixActions/kind.ts";

/** Fixes of what a database lets whom see and do. */
type AccessFix =
  | CreateBucket
  | GrantPrivilege
  | ReloadSchemaCache
  | RepairSignupTrigger
  | ReplacePolicy
  | ResetConnection
  | SetViewInvoker;

/** Fixes of what runs: breakers, queues and settings of this system. */
type RuntimeFix = ChangeSetting | RequeueOperations | ResetBreaker;

/** Fixes of the code of generated projects. */
type CodeFixAction = AddFile | PatchFiles;

/** Fixes by another deployment, or by going back to an earlier one. */
type DeploymentFix = Promote | Redeploy | RollbackDeployment;

/** One fix of a known kind. */
export type FixAction =
  | CreateExtension
  | CreateIndex
  | CreateSchema
  | DropIndex
  | CreateUniqueIndex
  | QualifySearchPath
  | RenameColumn
  | ResyncSequence
  | Retry
  | RewriteMigration
  | SetSandboxCell
  | AccessFix
  | DeploymentFix
  | CodeFixAction
  | RuntimeFix;

/** The name of a kind. */
export type FixKindName = FixAction["kind"];

const KINDS: {
  [Kind in FixKindName]: FixActionKind<Extract<FixAction, { kind: Kind }>>;
} = {
  add_file: addFile,
  patch_files: patchFiles,
  change_setting: changeSetting,
  create_extension: createExtension,
  create_index: createIndex,
  create_schema: createSchema,
  drop_index: dropIndex,
  create_unique_index: createUniqueIndex,
  qualify_search_path: qualifySearchPath,
  create_bucket: createBucket,
  grant_privilege: grantPrivilege,
  reload_schema_cache: reloadSchemaCache,
  repair_signup_trigger: repairSignupTrigger,
  replace_policy: replacePolicy,
  requeue_operations: requeueOperations,
  promote,
  redeploy,
  rollback_deployment: rollbackDeployment,
  reset_breaker: resetBreaker,
  reset_connection: resetConnection,
  set_view_invoker: setViewInvoker,
  rename_column: renameColumn,
  resync_sequence: resyncSequence,
  retry,
  rewrite_migration: rewriteMigration,
  set_sandbox_cell: setSandboxCell,
};

/** The names of all kinds. */
export const FIX_KINDS: readonly FixKindName[] = Object.keys(
  KINDS,
) as FixKindName[];

/** What the kind of an action knows; the action decides which kind that is. */
export function kindOf(action: FixAction): FixActionKind<FixAction> {
  return KINDS[action.kind] as unknown as FixActionKind<FixAction>;
}

/** What the parameters of a kind have to be. */
export function schemaOf(kind: FixKindName): z.ZodType<FixAction> {
  return KINDS[kind].schema;
}

/** Reads an action from anywhere; throws `FIX_REFUSED` for an unknown kind or parameters that do not fit. */
export function parseFixAction(value: unknown): FixAction {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    throw new HealingError(
      "FIX_REFUSED",
      "The proposed fix is of no known kind",
      {
        hint: `Known kinds: ${FIX_KINDS.join(", ")}`,
      },
    );
  }
  const parsed = KINDS[kind as FixKindName].schema.safeParse(value);
  if (!parsed.success) {
    throw new HealingError(
      "FIX_REFUSED",
      `The parameters of ${kind} do not fit: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}

/** The same action has the same key, whatever the order of its parameters. */
export function keyOfAction(action: object): string {
  return JSON.stringify(Object.entries(action).sort(([a], [b]) => a < b ? -1 : 1));
}

/** What stands against an index: why it cannot be built or is there already, and why a person has to decide; null where nothing does. */
export async function lookAtIndex(
  sql: SqlPort,
  action: CreateIndex,
): Promise<{ refusal: string | null; caution: string | null }> {
  const { lookAtIndex: look } = await import("./fixActions/indexes/facts.ts");
  return await look(sql, action);
}
