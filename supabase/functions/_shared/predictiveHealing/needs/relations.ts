/** Schemas, tables, columns and trigger functions: what is named has to exist when it is named. @module */

import { eachNode, namesIn, type SqlNode } from "../../core/sqlSyntax.ts";
import { type Need, qualified } from "../need.ts";
import { keyOf, relationOf } from "../nodes.ts";
import { placeIn, type ReadStatement, splitName } from "../scripts.ts";
import { madeBefore, PLATFORM_SCHEMAS, type ProjectRead } from "./context.ts";

/** Needs of the migrations. */
export function relationNeeds(project: ProjectRead): Need[] {
  return project.statements.flatMap((statement) => [
    ...schemaNeeds(statement, project),
    ...tableNeeds(statement, project),
    ...triggerFunctionNeeds(statement, project),
  ]);
}

/** Statements that make something in a schema, and where its name stands. */
const MAKERS: { [kind: string]: (node: SqlNode) => string | undefined } = {
  CreateStmt: ({ relation }) => (relation as SqlNode).schemaname as string | undefined,
  ViewStmt: ({ view }) => (view as SqlNode).schemaname as string | undefined,
  CreateFunctionStmt: ({ funcname }) => splitName(namesIn(funcname)).schema ?? undefined,
  CreateEnumStmt: ({ typeName }) => splitName(namesIn(typeName)).schema ?? undefined,
};

function schemaNeeds(statement: ReadStatement, { model }: ProjectRead): Need[] {
  const schema = MAKERS[statement.kind]?.(statement.node);
  if (schema === undefined || schema === "public" || PLATFORM_SCHEMAS.has(schema)) return [];
  return [{
    subject: { kind: "schema", schema },
    place: statement.place,
    why: `something is made in the schema ${schema}`,
    satisfy: `create schema if not exists ${schema}, in an earlier statement`,
    ...madeBefore(model.schemas.get(schema), statement),
    certainty: "sure",
  }];
}

/** Statements that bring what they name, or take it as it comes. */
const NEVER_NEED = new Set(["DropStmt", "CreateFunctionStmt", "DoStmt", "CommentStmt", "CreateTableAsStmt"]);

function tableNeeds(statement: ReadStatement, { model }: ProjectRead): Need[] {
  if (NEVER_NEED.has(statement.kind) || statement.node.missing_ok === true) return [];
  // Sequences come with tables and with statements of their own.
  if (statement.node.objtype === "OBJECT_SEQUENCE") return [];
  const own = new Set<string>();
  eachNode(statement.node, "CommonTableExpr", (node) => own.add(String(node.ctename)));
  const isMaker = ["CreateStmt", "ViewStmt"].includes(statement.kind);
  const made = isMaker ? keyOf(relationOf(statement.node.relation ?? statement.node.view)) : "";
  return relationsIn(statement.node)
    .filter(({ name, schema, isQualified }) =>
      (isQualified || !own.has(name)) && !PLATFORM_SCHEMAS.has(schema) && !/^pg_/.test(name) &&
      keyOf({ schema, name }) !== made
    )
    .map(({ schema, name, node }): Need => {
      const key = keyOf({ schema, name });
      return {
        subject: { kind: "table", schema, name },
        place: placeIn(statement, node),
        why: `the statement names ${qualified({ schema, name })}`,
        satisfy: `a migration that makes ${qualified({ schema, name })} before this statement`,
        ...madeBefore(model.tables.get(key) ?? model.relations.get(key) ?? model.former.get(key), statement),
        certainty: "sure",
      };
    });
}

function relationsIn(tree: SqlNode): { schema: string; name: string; isQualified: boolean; node: SqlNode }[] {
  const found: { schema: string; name: string; isQualified: boolean; node: SqlNode }[] = [];
  // `for update of` names what the same statement calls so.
  const aliases = new Set<SqlNode>();
  eachNode(tree, "LockingClause", (clause) => eachNode(clause, "RangeVar", (node) => aliases.add(node)));
  for (const key of ["RangeVar", "relation", "table", "pktable"]) {
    eachNode(tree, key, (node) => {
      if (typeof node.relname !== "string" || node.relpersistence === "t" || aliases.has(node)) return;
      found.push({ ...relationOf(node), isQualified: node.schemaname !== undefined, node });
    });
  }
  return found;
}

function triggerFunctionNeeds(statement: ReadStatement, { model }: ProjectRead): Need[] {
  if (statement.kind !== "CreateTrigStmt") return [];
  const { schema, name } = splitName(namesIn(statement.node.funcname));
  if (schema !== null && PLATFORM_SCHEMAS.has(schema) || name === "moddatetime") return [];
  const subject = { kind: "function" as const, schema: schema ?? "public", name, args: null };
  const made = model.functions.find((one) => one.name === name && one.schema === subject.schema);
  return [{
    subject,
    place: statement.place,
    why: `a trigger runs ${qualified(subject)}`,
    satisfy: `a migration that makes the function ${
      qualified(subject)
    }, returning trigger, before this statement`,
    ...madeBefore(made, statement),
    certainty: "sure",
  }];
}

/** Needs of the code: tables and their columns. */
export function tableUseNeeds({ code, model }: ProjectRead): Need[] {
  return code.flatMap(({ tables }) => tables).flatMap(({ schema, table: name, columns, place }): Need[] => {
    const table = model.tables.get(keyOf({ schema, name }));
    const made = table ?? model.relations.get(keyOf({ schema, name }));
    const whole: Need = {
      subject: { kind: "table", schema, name },
      place,
      why: `the code uses ${qualified({ schema, name })}`,
      satisfy: `a migration that makes ${qualified({ schema, name })}`,
      ...(made === undefined ? {} : { madeAt: made.place }),
      certainty: "sure",
    };
    // The columns of a view are the database's to know.
    const known = table === undefined && made !== undefined ? [] : columns;
    return [
      whole,
      ...known.map((column): Need => ({
        subject: { kind: "column", schema, name, column },
        place,
        why: `the code names the column ${column} of ${qualified({ schema, name })}`,
        satisfy: `a migration that adds the column, or the right name in the code`,
        ...(table === undefined
          ? {}
          : table.columns.has(column)
          ? { madeAt: table.place }
          : { leftOutAt: table.place }),
        certainty: "sure",
      })),
    ];
  });
}
