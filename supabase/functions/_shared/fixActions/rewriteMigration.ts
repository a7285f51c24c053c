/**
 * `rewrite_migration`: changes the text of a migration that failed, by one of a closed set of transforms.
 *
 * A proposal names a transform and what the error named, never a text. The transform parses the statement that
 * failed with Postgres' own parser, looks at the database as the statement found it, and changes a few words in
 * place. A check apart from all transforms then compares the trees: every statement must be one that was there, or
 * one of them with nothing changed but the fields that the transform declares.
 *
 * @module
 */

import type { ScriptStatement } from "../core/fixes.ts";
import { parseStatement } from "../core/sqlSyntax.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, type FixContext, GO, refused, type ScriptAccess, sqlOf } from "./kind.ts";
import { castColumn } from "./rewriteMigration/castColumn.ts";
import { castDefault } from "./rewriteMigration/castDefault.ts";
import { indexBaseTable } from "./rewriteMigration/indexBaseTable.ts";
import { matchKeyType } from "./rewriteMigration/matchKeyType.ts";
import { moveUsing } from "./rewriteMigration/moveUsing.ts";
import { nextVersion } from "./rewriteMigration/nextVersion.ts";
import { qualifyName } from "./rewriteMigration/qualifyName.ts";
import { quoteIdentifier } from "./rewriteMigration/quoteIdentifier.ts";
import { quoteText } from "./rewriteMigration/quoteText.ts";
import { reorder } from "./rewriteMigration/reorder.ts";
import { addLabelFirst, runAlone } from "./rewriteMigration/runAlone.ts";
import { skipExisting } from "./rewriteMigration/skipExisting.ts";
import { skipMissing } from "./rewriteMigration/skipMissing.ts";
import { skipNoOp } from "./rewriteMigration/skipNoOp.ts";
import { skipRenamed } from "./rewriteMigration/skipRenamed.ts";
import { skipSeedRows } from "./rewriteMigration/skipSeedRows.ts";
import { stripClause } from "./rewriteMigration/stripClause.ts";
import { changesOnly, type Rewriting, shapeOf, type Transform } from "./rewriteMigration/transform.ts";
import { translateDialect } from "./rewriteMigration/translateDialect.ts";
import { wrapJson } from "./rewriteMigration/wrapJson.ts";

/** All transforms, by name. */
const TRANSFORMS = {
  skip_existing: skipExisting,
  skip_missing: skipMissing,
  skip_renamed: skipRenamed,
  skip_seed_rows: skipSeedRows,
  skip_no_op: skipNoOp,
  strip_clause: stripClause,
  translate_dialect: translateDialect,
  qualify_name: qualifyName,
  quote_identifier: quoteIdentifier,
  run_alone: runAlone,
  add_label_first: addLabelFirst,
  reorder,
  cast_column: castColumn,
  cast_default: castDefault,
  match_key_type: matchKeyType,
  move_using: moveUsing,
  wrap_json: wrapJson,
  quote_text: quoteText,
  next_version: nextVersion,
  index_base_table: indexBaseTable,
} satisfies Record<string, Transform>;

type TransformName = keyof typeof TRANSFORMS;

const schema = z.strictObject({
  kind: z.literal("rewrite_migration"),
  /** How the text is changed. */
  transform: z.enum(Object.keys(TRANSFORMS) as [TransformName, ...TransformName[]]),
  /** What the error named; only ever compared with names, never written into a statement. */
  object: z.string().min(1).max(300),
});

/** Parameters of `rewrite_migration`. */
export type RewriteMigration = z.infer<typeof schema>;

/** Transforms of statements that are no valid SQL before. */
const SYNTAX_ONLY = new Set<TransformName>(["strip_clause", "translate_dialect"]);

/** The kind `rewrite_migration`. */
export const rewriteMigration: FixActionKind<RewriteMigration> = {
  kind: "rewrite_migration",
  group: "database",
  needs: "sql",
  rewritesMigration: true,
  schema,
  risk: ({ transform }) => TRANSFORMS[transform].risk,
  target: ({ transform, object }) => `migration:${transform} ${object}`.slice(0, 200),
  describe: ({ transform, object }) => TRANSFORMS[transform].describe(object.slice(0, 80)),
  async precondition(context, action) {
    if (context.migration === undefined) {
      return refused("only the text of a migration that failed can be rewritten");
    }
    const rewriting = await rewrite(context, action);
    return rewriting.kind === "refused" ? refused(rewriting.reason) : GO;
  },
  snapshot(context) {
    const { script } = accessOf(context);
    const statement = script.statements[script.failedAt]?.text ?? "";
    return Promise.resolve({ statement: statement.slice(0, 20_000), failedAt: script.failedAt });
  },
  async apply(context, action) {
    const access = accessOf(context);
    const rewriting = await rewrite(context, action);
    if (rewriting.kind === "refused") throw new Error(rewriting.reason);
    const { statements, failedAt } = rewriting;
    originals.set(access, access.script.statements);
    access.script = { ...access.script, statements, failedAt };
  },
  async probe(context, { transform }) {
    const access = accessOf(context);
    const before = originals.get(access) ?? access.script.statements;
    const ok = await isDeclared(before, access.script.statements, transform);
    return {
      ok,
      measured: ok
        ? `${access.script.statements.length} of ${before.length} statements, changed only as declared`
        : "the rewritten migration would do something that the migration did not say",
    };
  },
  // The database is as it was before the migration ran; a person's file is never touched.
  revert: () => Promise.resolve(),
};

/** How a migration read before it was rewritten, so that the probe compares with that. */
const originals = new WeakMap<ScriptAccess, readonly ScriptStatement[]>();

function accessOf(context: FixContext): ScriptAccess {
  if (context.migration === undefined) throw new TypeError("Cannot rewrite as the context has no migration");
  return context.migration;
}

async function rewrite(context: FixContext, action: RewriteMigration): Promise<Rewriting> {
  const { script } = accessOf(context);
  const statement = script.statements[script.failedAt];
  if (statement === undefined) return { kind: "refused", reason: "the migration has no such statement" };
  const parsed = await parseStatement(statement.text);
  const failure = { sql: sqlOf(context), script, statement, parsed, object: action.object };
  return await TRANSFORMS[action.transform].rewrite(failure);
}

/** A syntax error has no tree to compare with; what comes of it must be one statement of the kind that its words say. */
async function isDeclared(
  before: readonly ScriptStatement[],
  after: readonly ScriptStatement[],
  transform: TransformName,
): Promise<boolean> {
  if (!SYNTAX_ONLY.has(transform)) return await changesOnly(before, after, TRANSFORMS[transform].changes);
  if (before.length !== after.length) return false;
  for (const [index, { text }] of after.entries()) {
    const old = before[index]!.text;
    const [first, second] = [old, text].map((words) => /^\s*(\w+)/.exec(words)?.[1]?.toLowerCase());
    if (old !== text && (first !== second || await shapeOf(text, {}) === null)) return false;
  }
  return true;
}
