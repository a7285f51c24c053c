/** Regression tests: what broke once is asked again. @module */

import type { ReactNode } from "react";
import type { TestLine } from "../api/types.ts";
import { useList } from "../api/queries.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Ago, Badge, Empty, PageHead } from "../ui/Basics.tsx";
import { Choice, filterOf, Filters, Search } from "../ui/Filters.tsx";
import { type Column, PagedTable, readCursor } from "../ui/Table.tsx";
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

export default function Tests({ place }: PageProps): ReactNode {
  const query = useList(
    "list_tests",
    filterOf(place, ["status", "last_status", "test_type", "search"]),
    readCursor(place),
  );
  return (
    <>
      <PageHead
        title="Tests"
        lead="What broke three times in a week is tested for ever: on a schedule, and before a fix is kept."
      />
      <Filters>
        <Search place={place} label="Search name and target" />
        <Choice
          place={place}
          name="last_status"
          label="Last run"
          options={["passed", "failed", "flaky", "error"]}
        />
        <Choice
          place={place}
          name="status"
          label="State"
          options={["active", "quarantined", "retired"]}
        />
        <Choice
          place={place}
          name="test_type"
          label="Kind"
          options={["regression", "unit", "component", "handler"]}
        />
      </Filters>
      <PagedTable
        query={query}
        place={place}
        label="Regression tests"
        columns={COLUMNS}
        empty={
          <Empty title="No test matches">
            Three failures of one kind in seven days, recorded in{" "}
            <code>generation_failures</code>, make a test of the request that failed.{" "}
            <code>deno task tests:generate</code> writes tests of a project's files.
          </Empty>
        }
      />
    </>
  );
}
