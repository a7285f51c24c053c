/** Fixes that wait for a person, and what people have answered. @module */

import type { ReactNode } from "react";
import type { ApprovalLine } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Ago, Badge } from "../ui/Basics.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import type { Column } from "../ui/Table.tsx";

const COLUMNS: readonly Column<ApprovalLine>[] = [
  {
    head: "What would happen",
    cell: ({ id, what_will_happen: what, error_message: message }) => (
      <>
        <a className="row-link sentence" href={linkTo(`approvals/${id}`)}>
          {what}
        </a>
        <span className="sub">{message}</span>
      </>
    ),
  },
  {
    head: "Risk",
    cell: ({ fix }) => (
      <Badge
        state={fix.risk}
        tone={fix.risk === "low" ? "quiet" : fix.risk === "medium" ? "warn" : "bad"}
      />
    ),
  },
  { head: "Found by", cell: ({ fix }) => fix.tier, isSpare: true },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Asked", cell: ({ requested_at: at }) => <Ago at={at} /> },
  {
    head: "Answer",
    cell: ({ status, expires_at: until, decided_by: by }) =>
      status === "pending"
        ? (
          <>
            expires <Ago at={until} />
          </>
        )
        : by ?? "nobody",
  },
];

const SPEC: ListSpec<"list_approval_requests"> = {
  list: "list_approval_requests",
  title: "Approvals",
  lead: "Fixes that may not be made without a person: what exactly would happen, and why you are asked.",
  filters: [{
    name: "status",
    label: "State",
    none: "waiting",
    options: ["approved", "rejected", "expired", "withdrawn", ["all", "every state"]],
  }],
  columns: COLUMNS,
  empty: {
    title: "Nobody has to decide anything",
    text: (
      <>
        A fix comes here when its risk is high, when its pattern has not earned the right to act alone yet, or
        when its kind is set to <b>suggest</b> in the{" "}
        <a href={linkTo("settings")}>settings</a>. A fresh installation suggests every fix of the database.
      </>
    ),
  },
};

export default function Approvals({ place }: PageProps): ReactNode {
  const status = place.params.get("status") || "pending";
  return <ListPage spec={SPEC} place={place} filter={status === "all" ? {} : { status }} />;
}
