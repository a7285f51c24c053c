/** Every attempt at a fix, what became of it, and why. @module */

import type { ReactNode } from "react";
import { useList } from "../api/queries.ts";
import type { PageProps } from "../app/pages.tsx";
import { Empty, PageHead } from "../ui/Basics.tsx";
import { Choice, filterOf, Filters, Search } from "../ui/Filters.tsx";
import { PagedTable, readCursor } from "../ui/Table.tsx";
import { FIX_COLUMNS } from "./lines.tsx";

export default function Fixes({ place }: PageProps): ReactNode {
  const query = useList(
    "list_fixes",
    filterOf(place, ["status", "tier", "risk", "action_group", "search"]),
    readCursor(place),
  );
  return (
    <>
      <PageHead
        title="Fixes"
        lead="Each attempt with its whole life: why it was made, what it changed, what proved it, and the way back."
      />
      <Filters>
        <Search place={place} label="Search target and text" />
        <Choice
          place={place}
          name="status"
          label="State"
          options={[
            "kept",
            "validating",
            "applying",
            "awaiting_approval",
            "reverted",
            "failed",
            "inconclusive",
            "rejected",
            "expired",
          ]}
        />
        <Choice
          place={place}
          name="action_group"
          label="Touches"
          options={[
            "database",
            "runtime",
            "code",
            "deployment",
            "payload",
            "call",
          ]}
        />
        <Choice
          place={place}
          name="tier"
          label="Found by"
          options={["deterministic", "learned", "ai", "context", "person"]}
        />
        <Choice
          place={place}
          name="risk"
          label="Risk"
          options={["low", "medium", "high"]}
        />
      </Filters>
      <PagedTable
        query={query}
        place={place}
        label="Fixes"
        columns={FIX_COLUMNS}
        empty={
          <Empty title="No fix matches">
            Failures that are healed within a request need no fix. The engine makes one when an error comes
            back that a rule, a learned pattern or a model knows a remedy for.
          </Empty>
        }
      />
    </>
  );
}
