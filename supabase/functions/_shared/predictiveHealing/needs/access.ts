/**
 * Row level security, policies and grants: what somebody who comes through the API must find to be let in, and what
 * must hold so that nobody else is.
 *
 * A table without row level security is told of, and so is a verb that no policy lets through; neither is ever made.
 *
 * @module
 */

import { type CallerRole, type Need, qualified, type Verb } from "../need.ts";
import { keyOf } from "../nodes.ts";
import type { ModelGrant, ModelTable } from "../schemaModel.ts";
import type { TableUse } from "../sourceCalls.ts";
import type { ProjectRead } from "./context.ts";

/** The needs for row level security, on each table that the API shows. */
export function rowSecurityNeeds({ model }: ProjectRead): Need[] {
  return [...model.tables.values()].filter(({ schema }) => schema === "public").map((table): Need => ({
    subject: { kind: "row_security", schema: table.schema, name: table.name },
    place: table.place,
    why:
      `the API shows the schema public, and without row level security every row of ${table.name} to whoever has a grant`,
    satisfy: `alter table ${
      qualified(table)
    } enable row level security, and policies that say whose row is whose`,
    ...(table.secured === null ? {} : { madeAt: table.secured.place }),
    certainty: "sure",
  }));
}

/** The needs for policies: every verb that an app uses as a person, on a table whose rows are guarded. */
export function policyNeeds({ code, model }: ProjectRead): Need[] {
  return usesByPeople(code.flatMap(({ tables }) => tables)).flatMap(
    ({ schema, table: name, verbs, role, place }) => {
      const table = model.tables.get(keyOf({ schema, name }));
      if (table === undefined || table.secured === null) return [];
      return verbs.map((verb): Need => {
        const made = policyFor(table, verb, role);
        return {
          subject: { kind: "policy", schema, name, verb, role },
          place,
          why: `the code uses ${
            qualified({ schema, name })
          } as ${role} (${verb}), and no row passes without a policy`,
          satisfy:
            `a policy for ${verb} that says which rows are the caller's; what that is only the author knows`,
          ...(made === undefined ? {} : { madeAt: made.place }),
          certainty: "sure",
        };
      });
    },
  );
}

function usesByPeople(uses: readonly TableUse[]): (TableUse & { role: CallerRole })[] {
  return uses.flatMap((use) =>
    use.role === null || use.role === "service_role" ? [] : [{ ...use, role: use.role }]
  );
}

function policyFor({ policies }: ModelTable, verb: Verb, role: CallerRole) {
  return policies.find(({ command, roles }) =>
    (command === "all" || command === verb.toLowerCase()) &&
    (roles.includes("public") || roles.includes(role))
  );
}

/** The needs for grants: of tables, of schemas that are not public, and of functions whose right was taken away. */
export function grantNeeds({ code, model }: ProjectRead): Need[] {
  const needs: Need[] = [];
  for (const { schema, table: name, verbs, role, place } of code.flatMap(({ tables }) => tables)) {
    if (role === null) continue;
    const table = model.tables.get(keyOf({ schema, name }));
    for (const privilege of verbs) {
      const made = grantFor(model.grants, { on: "table", schema, name, privilege, role }, table?.order);
      needs.push(grantNeed({ on: "table", schema, name, privilege, role }, place, made));
    }
    if (schema !== "public") {
      const subject = { on: "schema" as const, schema, name: schema, privilege: "USAGE" as const, role };
      needs.push(grantNeed(subject, place, grantFor(model.grants, subject, undefined)));
    }
  }
  return needs;
}

type Grant = Omit<Extract<Need["subject"], { kind: "grant" }>, "kind">;

function grantNeed(subject: Grant, place: Need["place"], made: ModelGrant | undefined): Need {
  const { on, privilege, role } = subject;
  const object = on === "schema" ? subject.schema : qualified(subject);
  return {
    subject: { kind: "grant", ...subject },
    place,
    why: `the code needs ${privilege} on ${on} ${object} as ${role}`,
    satisfy: role === "service_role"
      ? `grant ${privilege.toLowerCase()} on ${on} ${object} to service_role`
      : `grant ${privilege.toLowerCase()} on ${on} ${object} to ${role}, once its policies say which rows are whose`,
    ...(made === undefined ? {} : { madeAt: made.place }),
    certainty: "sure",
  };
}

function grantFor(
  grants: readonly ModelGrant[],
  wanted: Grant,
  madeOrder: number | undefined,
): ModelGrant | undefined {
  return grants.find(({ on, schema, name, privileges, roles, isDefault, order }) => {
    if (on !== wanted.on || schema !== wanted.schema && !(on === "schema" && schema === wanted.schema)) {
      return false;
    }
    if (!roles.includes(wanted.role) && !roles.includes("public")) return false;
    if (privileges.length > 0 && !privileges.includes(wanted.privilege)) return false;
    if (isDefault) return madeOrder !== undefined && order <= madeOrder;
    if (on === "schema") return true;
    return name === null ? madeOrder !== undefined && order >= madeOrder : name === wanted.name;
  });
}
