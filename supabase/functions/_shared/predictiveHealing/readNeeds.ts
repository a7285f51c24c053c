/** Reads a project and asks every rule what it needs. @module */

import type { ProjectNeeds, ProjectSources } from "../predictiveHealing.ts";
import { grantNeeds, policyNeeds, rowSecurityNeeds } from "./needs/access.ts";
import { signInNeeds, signUpNeeds } from "./needs/authentication.ts";
import { eachOnce, type NeedRule } from "./needs/context.ts";
import { extensionNeeds } from "./needs/extensions.ts";
import { indexNeeds } from "./needs/indexes.ts";
import { relationNeeds, tableUseNeeds } from "./needs/relations.ts";
import { requirementNeeds } from "./needs/requirements.ts";
import { edgeFunctionNeeds, routineNeeds } from "./needs/routines.ts";
import { secretNeeds } from "./needs/secrets.ts";
import { bucketNeeds } from "./needs/storage.ts";
import { modelOf } from "./schemaModel.ts";
import { readMigrationFiles } from "./scripts.ts";
import { readSources } from "./sourceCalls.ts";

const RULES: readonly NeedRule[] = [
  extensionNeeds,
  relationNeeds,
  tableUseNeeds,
  routineNeeds,
  edgeFunctionNeeds,
  bucketNeeds,
  secretNeeds,
  rowSecurityNeeds,
  policyNeeds,
  grantNeeds,
  indexNeeds,
  signUpNeeds,
  signInNeeds,
  requirementNeeds,
];

/** All needs of a project. */
export async function readNeeds(
  { migrations = [], functions = [], requirements = "" }: ProjectSources,
): Promise<ProjectNeeds> {
  const { statements, unread } = await readMigrationFiles(migrations);
  const code = await readSources(functions);
  const project = { statements, model: modelOf(statements), code, requirements };
  return {
    needs: eachOnce(RULES.flatMap((rule) => rule(project))),
    unread: [...unread, ...code.flatMap((one) => one.unread ?? [])],
  };
}
