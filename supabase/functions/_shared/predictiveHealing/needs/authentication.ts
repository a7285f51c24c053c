/** Sign-in: the profile of a new person, the addresses that mails and providers lead back to, and the providers. @module */

import type { SqlNode } from "../../core/sqlSyntax.ts";
import { type Need, qualified } from "../need.ts";
import { keyOf, listOf, relationOf } from "../nodes.ts";
import type { ModelFunction, ModelTable } from "../schemaModel.ts";
import type { ReadStatement } from "../scripts.ts";
import type { ProjectRead } from "./context.ts";

/** The needs of signing up: a row for each new person, and a trigger that can write it. */
export function signUpNeeds(project: ProjectRead): Need[] {
  const inserts = signUpInserts(project);
  const profiles = [...project.model.tables.values()].filter(isProfile);
  return [
    ...profiles.filter((table) => !isWrittenByCode(project, table)).map((table): Need => {
      const made = inserts.find(({ key }) => key === keyOf(table));
      return {
        subject: { kind: "sign_up_trigger", schema: table.schema, name: table.name },
        place: table.place,
        why: `${qualified(table)} has a row for each person, and nothing writes it when one signs up`,
        satisfy: `a function that inserts into ${
          qualified(table)
        }, security definer with an empty search_path, and a trigger after insert on auth.users that runs it`,
        ...(made === undefined ? {} : { madeAt: made.trigger }),
        certainty: "sure",
      };
    }),
    ...inserts.flatMap((insert) => valueNeeds(project, insert)),
  ];
}

/** A table whose primary key is the id of a person. */
function isProfile({ primaryKey, foreignKeys }: ModelTable): boolean {
  return foreignKeys.some(({ target, columns }) =>
    target.schema === "auth" && target.name === "users" && columns.length === 1 && primaryKey.length === 1 &&
    columns[0] === primaryKey[0]
  );
}

function isWrittenByCode({ code }: ProjectRead, { schema, name }: ModelTable): boolean {
  return code.flatMap(({ tables }) => tables).some((use) =>
    use.schema === schema && use.table === name && use.verbs.includes("INSERT")
  );
}

interface SignUpInsert {
  key: string;
  columns: string[];
  by: ModelFunction;
  trigger: Need["place"];
  statement: ReadStatement;
}

/** What the functions behind triggers on the table of users insert. */
function signUpInserts({ model, statements }: ProjectRead): SignUpInsert[] {
  return model.triggers.filter(({ table, isInsert }) =>
    isInsert && table.schema === "auth" && table.name === "users"
  )
    .flatMap((trigger) => {
      const by = model.functions.findLast(({ schema, name }) =>
        schema === trigger.function.schema && name === trigger.function.name
      );
      if (by === undefined) return [];
      return statements.filter(({ isDeferred, order, kind }) =>
        isDeferred && order === by.order && kind === "InsertStmt"
      )
        .map((statement) => ({
          key: keyOf(relationOf(statement.node.relation)),
          columns: listOf(statement.node.cols).map(({ ResTarget }) => String((ResTarget as SqlNode)?.name)),
          by,
          trigger: trigger.place,
          statement,
        }));
    });
}

/** Columns that must have a value and get none: every sign-up would fail with "Database error saving new user". */
function valueNeeds({ model }: ProjectRead, { key, columns, by, statement }: SignUpInsert): Need[] {
  const table = model.tables.get(key);
  if (table === undefined || columns.length === 0) return [];
  return [...table.columns.values()].filter(({ isRequired, name }) => isRequired && !columns.includes(name))
    .map(({ name }): Need => ({
      subject: {
        kind: "sign_up_value",
        schema: table.schema,
        name: table.name,
        column: name,
        by: qualified(by),
      },
      place: statement.place,
      why: `${qualified(by)} inserts into ${
        qualified(table)
      } without ${name}, which must not be null: nobody could sign up`,
      satisfy: `a default for ${name}, a column that may be null, or a value in the function`,
      certainty: "sure",
    }));
}

/** The needs of mails and providers: where they lead back to, and that they are switched on. */
export function signInNeeds({ code }: ProjectRead): Need[] {
  return code.flatMap(({ redirects, providers }) => [
    ...redirects.map(({ name, place }): Need => ({
      subject: { kind: "redirect_url", url: name },
      place,
      why:
        `signing in leads back to ${name}, and the platform falls back to the site's address when it is not on the list`,
      satisfy:
        `${name} in the list of redirect URLs (auth.additional_redirect_urls in config.toml, and in the dashboard)`,
      certainty: "sure",
    })),
    ...providers.map(({ name, place }): Need => ({
      subject: { kind: "auth_provider", provider: name },
      place,
      why: `the code signs people in with ${name}`,
      satisfy:
        `${name} switched on (auth.external.${name} in config.toml, and in the dashboard), with its client id and secret`,
      certainty: "sure",
    })),
  ]);
}
