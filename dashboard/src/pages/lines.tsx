/** Lists that several pages show. @module */

import type { ReactNode } from "react";
import type { FixLine } from "../api/types.ts";
import { linkTo } from "../app/router.ts";
import { Ago, Badge } from "../ui/Basics.tsx";
import type { Column } from "../ui/Table.tsx";
import { asWords, percent } from "../ui/words.ts";

/** Who decided that a fix was made. */
export function decidedBy(
  { approved_by: by, status }: Pick<FixLine, "approved_by" | "status">,
): ReactNode {
  if (by !== null) return by;
  return ["proposed", "awaiting_approval", "rejected", "expired"].includes(
      status,
    )
    ? "–"
    : "itself";
}

/** Columns of a list of fixes. */
export const FIX_COLUMNS: readonly Column<FixLine>[] = [
  {
    head: "Fix",
    cell: ({ id, what_will_happen: what, verdict_reason: verdict, reason }) => (
      <>
        <a className="row-link sentence" href={linkTo(`fixes/${id}`)}>{what}</a>
        <span className="sub">{verdict ?? reason}</span>
      </>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  {
    head: "Kind",
    cell: ({ action_kind: kind }) => asWords(kind),
    isSpare: true,
  },
  { head: "Found by", cell: ({ tier }) => tier, isSpare: true },
  { head: "Decided by", cell: (fix) => decidedBy(fix), isSpare: true },
  {
    head: "Confidence",
    cell: ({ confidence }) => percent(confidence),
    isNumber: true,
    isSpare: true,
  },
  { head: "Made", cell: ({ created_at: at }) => <Ago at={at} /> },
];
