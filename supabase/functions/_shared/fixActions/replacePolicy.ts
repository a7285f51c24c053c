/**
 * `replace_policy`: writes a policy anew so that it means what it said.
 *
 * Three repairs exist, and no text comes from outside. A policy that leads back to its own table (42P17) gets a
 * `security definer` function in a private schema in the place of its sub-select; a function that gives the same for
 * the whole statement is called once; a text column is compared with the caller's id as text. All is one transaction
 * with the old text saved, and it is refused when any role or person would see or write one row more, or one less.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("replace_policy"),
  /** How the policies are written anew. */
  repair: z.enum(["break_recursion", "evaluate_once", "compare_as_text"]),
  /** The table, with or without its schema, or `*` for the only one that can be meant; only ever compared with the catalogue. */
  table: z.string().min(1).max(127),
});

/** Parameters of `replace_policy`. */
export type ReplacePolicy = z.infer<typeof schema>;

const WORDS: Readonly<Record<ReplacePolicy["repair"], string>> = {
  break_recursion:
    "let the policies that lead back to $1 ask a private function, with the same rows for everybody",
  evaluate_once:
    "call what is the same for every row once in the policies on $1, with the same rows for everybody",
  compare_as_text: "compare the text column in the policies on $1 with the caller's id as text",
};

/** The kind `replace_policy`. */
export const replacePolicy: FixActionKind<ReplacePolicy> = lazily({
  kind: "replace_policy",
  group: "database",
  needs: "sql",
  schema,
  risk: () => "high",
  target: ({ table }) => `policies:${table}`,
  describe: ({ repair, table }) => WORDS[repair].replace("$1", () => table),
}, async () => (await import("./policies/replace.ts")).replacePolicySteps);
