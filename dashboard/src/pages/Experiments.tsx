/** Fixes that are tried against each other. @module */

import type { ReactNode } from "react";
import { useList } from "../api/queries.ts";
import type { PageProps } from "../app/pages.tsx";
import { Empty, PageHead } from "../ui/Basics.tsx";
import { Choice, filterOf, Filters } from "../ui/Filters.tsx";
import { Async } from "../ui/Async.tsx";
import { Pager, readCursor } from "../ui/Table.tsx";
import { FixExperimentsPanel } from "./experiments/FixExperimentsPanel.tsx";

export default function Experiments({ place }: PageProps): ReactNode {
  const query = useList(
    "list_experiments",
    filterOf(place, ["status"]),
    readCursor(place),
  );
  return (
    <>
      <PageHead
        title="Experiments"
        lead="Two fixes for one error share its occurrences. The test may be looked at whenever you like; what you see is never too early."
      />
      <Filters>
        <Choice
          place={place}
          name="status"
          label="State"
          options={["running", "completed", "cancelled"]}
        />
      </Filters>
      <Async query={query}>
        {({ rows, next }) => (
          <>
            {rows.length === 0 ? <NoExperiment /> : <FixExperimentsPanel experiments={rows} />}
            <Pager place={place} next={next} />
          </>
        )}
      </Async>
    </>
  );
}

function NoExperiment(): ReactNode {
  return (
    <Empty title="No experiment matches">
      When a second fix for an error is known, <code>createFixExperiment</code>{" "}
      sends a share of its occurrences to it: at most one experiment for an error at a time, stopped as soon
      as the challenger does harm.
    </Empty>
  );
}
