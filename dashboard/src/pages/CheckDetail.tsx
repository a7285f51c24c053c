/** One health check: its looks over time. @module */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { getHealthChecksAction } from "../api/actions.ts";
import { usePollInterval } from "../api/queries.ts";
import type { HealthLook, Page } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { useApp } from "../app/session.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Empty, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Plot } from "../ui/Plot.tsx";
import { type Column, Pager, readCursor, Table } from "../ui/Table.tsx";
import { asText, asWords, duration } from "../ui/words.ts";

export default function CheckDetail({ id, place }: PageProps): ReactNode {
  const { client } = useApp();
  const refetchInterval = usePollInterval();
  const after = readCursor(place);
  const query = useQuery({
    queryKey: ["health_checks", id, after],
    queryFn: () =>
      getHealthChecksAction(client, {
        check_name: id,
        limit: 60,
        ...(after === undefined ? {} : { after }),
      }),
    refetchInterval,
  });
  return (
    <>
      <PageHead
        back={["Health & schedules", linkTo("health")]}
        title={asWords(id)}
        lead="What each look of this check saw."
      />
      <Async query={query}>
        {(page) =>
          page.rows.length === 0
            ? (
              <Empty title="It has not looked yet">
                health-check runs every two minutes.
              </Empty>
            )
            : <Looks page={page} />}
      </Async>
      {query.data !== undefined && <Pager place={place} next={query.data.next} />}
    </>
  );
}

const COLUMNS: readonly Column<HealthLook>[] = [
  { head: "Saw", cell: ({ status }) => <Badge state={status} /> },
  {
    head: "Why",
    cell: ({ reason, details }) => (
      <>
        {reason}
        <Stored title="Details" value={details} />
      </>
    ),
  },
  { head: "Measured", cell: ({ measured_value: value }) => asText(value), isNumber: true },
  { head: "Threshold", cell: ({ threshold }) => asText(threshold), isNumber: true, isSpare: true },
  { head: "Took", cell: ({ duration_ms: ms }) => duration(ms / 1_000), isNumber: true },
  { head: "When", cell: ({ created_at: at }) => <Ago at={at} /> },
];

function Looks({ page: { rows } }: { page: Page<HealthLook> }): ReactNode {
  const inOrder = rows.toReversed();
  const seconds = inOrder.map(({ duration_ms: ms }) => ms / 1_000);
  return (
    <>
      <Section title="How long a look took">
        <Plot
          label="How long each look took"
          x={inOrder.map(({ created_at: at }) => at)}
          series={[{ label: "Duration", values: seconds, colour: "a" }]}
          format={duration}
          range={[0, 0.001]}
          height={160}
        />
      </Section>
      <Section title="Looks">
        <Table label="Looks" rows={rows} columns={COLUMNS} />
      </Section>
    </>
  );
}
