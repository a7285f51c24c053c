/** Regression tests: what broke once is asked again. @module */

import type { ReactNode } from "react";
import type { TestLine } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Ago, Badge } from "../ui/Basics.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import type { Column } from "../ui/Table.tsx";
import { count } from "../ui/words.ts";

const COLUMNS: readonly Column<TestLine>[] = [
  {
    head: "Test",
    cell: (
      { id, test_name: name, last_reason: reason, target_function: target },
    ) => (
      <>
        <a className="row-link" href={linkTo(`tests/${id}`)}>{name}</a>
        <span className="sub">{reason ?? target}</span>
      </>
    ),
  },
  {
    head: "Last run",
    cell: ({ last_status: status }) =>
      status === null ? <span className="quiet-text">not run</span> : <Badge state={status} />,
  },
  {
    head: "State",
    cell: ({ status }) => <Badge state={status} tone={status === "active" ? "quiet" : "warn"} />,
  },
  { head: "Kind", cell: ({ test_type: type }) => type, isSpare: true },
  {
    head: "Runs",
    cell: ({ run_count: n }) => count(n),
    isNumber: true,
    isSpare: true,
  },
  { head: "Failed", cell: ({ fail_count: n }) => count(n), isNumber: true },
  {
    head: "Flaky",
    cell: ({ flaky_count: n }) => count(n),
    isNumber: true,
    isSpare: true,
  },
  { head: "When", cell: ({ last_run_at: at }) => <Ago at={at} /> },
];

const SPEC: ListSpec<"list_tests"> = {
  list: "list_tests",
  title: "Tests",
  lead: "What broke three times in a week is tested for ever: on a schedule, and before a fix is kept.",
  search: "Search name and target",
  filters: [
    { name: "last_status", label: "Last run", options: ["passed", "failed", "flaky", "error"] },
    { name: "status", label: "State", options: ["active", "quarantined", "retired"] },
    { name: "test_type", label: "Kind", options: ["regression", "unit", "component", "handler"] },
  ],
  columns: COLUMNS,
  empty: {
    title: "No test matches",
    text: (
      <>
        Three failures of one kind in seven days, recorded in{" "}
        <code>generation_failures</code>, make a test of the request that failed.{" "}
        <code>deno task tests:generate</code> writes tests of a project's files.
      </>
    ),
  },
};

export default function Tests({ place }: PageProps): ReactNode {
  return <ListPage spec={SPEC} place={place} />;
}
