/** What broke, in groups. @module */

import type { ReactNode } from "react";
import type { ErrorLine } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Ago, Badge } from "../ui/Basics.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import type { Column } from "../ui/Table.tsx";
import { asWords, count } from "../ui/words.ts";

const COLUMNS: readonly Column<ErrorLine>[] = [
  {
    head: "Error",
    cell: (
      {
        id,
        error_message: message,
        error_code: code,
        function_name: name,
        resolution,
      },
    ) => (
      <>
        <a className="row-link" href={linkTo(`errors/${id}`)}>{message}</a>
        <span className="sub">
          {[code, name, resolution].filter((part) => part !== null && part !== "").join(" · ")}
        </span>
      </>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Severity", cell: ({ severity }) => severity, isSpare: true },
  {
    head: "Category",
    cell: ({ category }) => asWords(category),
    isSpare: true,
  },
  { head: "Seen", cell: ({ occurrence_count: n }) => count(n), isNumber: true },
  {
    head: "Attempts",
    cell: ({ attempt_count: n }) => count(n),
    isNumber: true,
    isSpare: true,
  },
  { head: "Last", cell: ({ last_seen_at: at }) => <Ago at={at} /> },
];

const SPEC: ListSpec<"list_error_groups"> = {
  list: "list_error_groups",
  title: "Errors",
  lead: "What broke, one line for each kind of failure, with what was done about it.",
  search: "Search message, code, function",
  filters: [
    {
      name: "status",
      label: "State",
      options: [
        "open",
        "healing",
        "awaiting_approval",
        "validating",
        "healed",
        "escalated",
        "ignored",
        "merged",
      ],
    },
    {
      name: "category",
      label: "Category",
      options: [
        "database",
        "migration",
        "payload",
        "auth",
        "storage",
        "network",
        "ai",
        "runtime",
        "deployment",
        "unknown",
      ],
    },
    { name: "severity", label: "Severity", options: ["critical", "high", "medium", "low"] },
  ],
  columns: COLUMNS,
  empty: {
    title: "No error matches",
    text: (
      <>
        Failures of functions that use <code>withSelfHealing</code> or <code>captureError</code>{" "}
        come here, grouped by what they have in common. What was healed within the request leaves no group.
      </>
    ),
  },
};

export default function Errors({ place }: PageProps): ReactNode {
  return <ListPage spec={SPEC} place={place} />;
}
