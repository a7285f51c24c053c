/** Calls and writes that could not be made and wait, and log entries that came late. @module */

import type { ReactNode } from "react";
import { ACTS } from "../api/actions.ts";
import { useList } from "../api/queries.ts";
import type { LogLine, OperationLine } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Section } from "../ui/Basics.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import { asWords, count } from "../ui/words.ts";

const COLUMNS: readonly Column<OperationLine>[] = [
  {
    head: "Call",
    cell: (one) => (
      <>
        <b>{asWords(one.operation_kind)} {one.target}</b>
        <span className="sub">
          {one.payload_keys === null
            ? `${count(one.payload_bytes)} bytes`
            : `with ${one.payload_keys.join(", ")}`}
          {one.last_error !== null && ` · ${one.last_error}`}
        </span>
      </>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Tried", cell: ({ attempt_count: n }) => count(n), isNumber: true },
  { head: "For", cell: ({ caller_role: role }) => role, isSpare: true },
  {
    head: "Error",
    cell: ({ detected_error_id: id }) => id === null ? "–" : <a href={linkTo(`errors/${id}`)}>its error</a>,
  },
  { head: "Waits since", cell: ({ created_at: at }) => <Ago at={at} /> },
  {
    head: "Decide",
    cell: (one) => one.status === "needs_person" ? <Decide operation={one} /> : null,
  },
];

function Decide({ operation }: { operation: OperationLine }): ReactNode {
  return (
    <span className="button-row">
      <ActButton
        label="Send again"
        kind="primary"
        title="Make this call again"
        change={ACTS.decideOperation(operation.id, "requeue")}
      >
        <p>
          {asWords(operation.operation_kind)} {operation.target} is made again as{" "}
          {operation.caller_role}, under its own key, so never twice.
        </p>
      </ActButton>
      <ActButton
        label="Discard"
        kind="danger"
        title="Discard this call"
        change={ACTS.decideOperation(operation.id, "discard")}
      >
        <p>
          It is never made. What it carried stays in its row until the history is cleared.
        </p>
      </ActButton>
    </span>
  );
}

const SPEC: ListSpec<"list_queued_operations"> = {
  list: "list_queued_operations",
  title: "Waiting calls",
  lead:
    "What could not be done when it was asked for. It is done, once, when its fault is mended; what it carries is not shown.",
  filters: [{
    name: "status",
    label: "State",
    options: ["queued", "running", "needs_person", "done", "failed"],
  }],
  columns: COLUMNS,
  empty: {
    title: "Nothing waits",
    text: (
      <>
        With <code>replay: true</code>{" "}
        a failed request that carries an idempotency key waits here until its error is healed; so do writes of
        {" "}
        <code>resilientDb</code> that found no table or no database.
      </>
    ),
  },
};

export default function Queue({ place }: PageProps): ReactNode {
  return (
    <>
      <ListPage spec={SPEC} place={place} />
      <LateLog />
    </>
  );
}

const LOG_COLUMNS: readonly Column<LogLine>[] = [
  { head: "Entry", cell: ({ message }) => message },
  {
    head: "Level",
    cell: ({ level }) => (
      <Badge state={level} tone={level === "error" ? "bad" : level === "warn" ? "warn" : "quiet"} />
    ),
  },
  { head: "Happened", cell: ({ logged_at: at }) => <Ago at={at} /> },
  { head: "Stored", cell: ({ uploaded_at: at }) => <Ago at={at} />, isSpare: true },
];

function LateLog(): ReactNode {
  const query = useList("list_fallback_logs", { limit: "20" }, undefined);
  return (
    <Section title="Log entries that came late">
      <Async query={query}>
        {({ rows }) =>
          rows.length === 0
            ? <p className="quiet-text">None: every entry was stored when it happened.</p>
            : <Table label="Late log entries" rows={rows} columns={LOG_COLUMNS} />}
      </Async>
    </Section>
  );
}
