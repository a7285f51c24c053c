/** Fixes that wait for a person, and what people have answered. @module */

import type { ReactNode } from "react";
import type { ApprovalLine } from "../api/types.ts";
import { useList } from "../api/queries.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Ago, Badge, Empty, PageHead } from "../ui/Basics.tsx";
import { Choice, Filters } from "../ui/Filters.tsx";
import { type Column, PagedTable, readCursor } from "../ui/Table.tsx";

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

export default function Approvals({ place }: PageProps): ReactNode {
  const status = place.params.get("status") ?? "pending";
  const query = useList(
    "list_approval_requests",
    status === "all" ? {} : { status },
    readCursor(place),
  );
  return (
    <>
      <PageHead
        title="Approvals"
        lead="Fixes that may not be made without a person: what exactly would happen, and why you are asked."
      />
      <Filters>
        <Choice
          place={place}
          name="status"
          label="State"
          none="waiting"
          options={["approved", "rejected", "expired", "withdrawn", [
            "all",
            "every state",
          ]]}
        />
      </Filters>
      <PagedTable
        query={query}
        place={place}
        label="Questions to people"
        columns={COLUMNS}
        empty={
          <Empty
            title={status === "pending" ? "Nobody has to decide anything" : "There are none"}
          >
            A fix comes here when its risk is high, when its pattern has not earned the right to act alone
            yet, or when its kind is set to <b>suggest</b> in the{" "}
            <a href={linkTo("settings")}>settings</a>. A fresh installation suggests every fix of the
            database.
          </Empty>
        }
      />
    </>
  );
}
