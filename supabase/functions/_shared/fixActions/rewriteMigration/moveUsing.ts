/** `move_using`: a policy for inserts has its condition in `with check`. @module */

import { parseStatement, type SqlNode } from "../../core/sqlSyntax.ts";
import { putInPlace, refuse, spliced, type Transform } from "./transform.ts";

/** The transform `move_using`. */
export const moveUsing: Transform = {
  risk: "medium",
  describe: () => "write the condition of the insert policy as `with check`, unchanged",
  changes: { fields: ["qual", "with_check"] },
  async rewrite(failure) {
    const { parsed, statement } = failure;
    if (parsed?.kind !== "CreatePolicyStmt") return refuse("the statement makes no policy");
    const { cmd_name: command, qual, with_check: check } = parsed.node;
    if (command !== "insert" || qual === undefined || check !== undefined) {
      return refuse("the policy has more than one condition: which one is meant?");
    }
    if (isTrue(qual)) {
      return refuse("the condition is always true: whether everybody may insert is for a person to say");
    }
    const places = [...statement.text.matchAll(/\busing(?=\s*\()/gi)];
    if (places.length !== 1) return refuse("the place of the condition is not beyond doubt");
    const from = places[0]!.index;
    const text = spliced(statement.text, [{ from, to: from + 5, text: "with check" }]);
    const moved = await parseStatement(text);
    const isMoved = moved?.kind === "CreatePolicyStmt" &&
      withoutPlaces(moved.node.with_check) === withoutPlaces(qual);
    return isMoved
      ? putInPlace(failure, [text], "an insert policy has only a check")
      : refuse("the condition would not be the same");
  },
};

function isTrue(condition: unknown): boolean {
  const constant = (condition as { A_Const?: SqlNode }).A_Const;
  return (constant?.boolval as { boolval?: boolean } | undefined)?.boolval === true;
}

function withoutPlaces(tree: unknown): string {
  return JSON.stringify(tree, (key, value) => key === "location" ? undefined : value);
}
