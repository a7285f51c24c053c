/** Whether everything is well: checks, schedules that fire, runs, cycles, circuit breakers. @module */

import type { ReactNode } from "react";
import type { CheckState } from "../api/pageTypes.ts";
import { useRead } from "../api/queries.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Empty, PageHead, Section } from "../ui/Basics.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import { asWords, duration } from "../ui/words.ts";
import { Machines } from "./health/Machines.tsx";
import { Runs } from "./health/Runs.tsx";

export default function Health({ place }: PageProps): ReactNode {
  const health = useRead("get_health_status", {});
  const schedules = useRead("get_schedules", {});
  return (
    <>
      <PageHead
        title="Health & schedules"
        badge={health.data && <Badge state={health.data.status} />}
        lead={health.data && (
          <>
            looked <Ago at={health.data.checked_at} />
          </>
        )}
      />
      <Section title="Checks">
        <Async query={health}>{({ checks }) => <Checks checks={checks} />}</Async>
      </Section>
      <Async query={schedules}>{(data) => <Machines data={data} />}</Async>
      <Runs place={place} />
    </>
  );
}

const COLUMNS: readonly Column<CheckState & { id: string }>[] = [
  {
    head: "Check",
    cell: ({ id, reason }) => (
      <>
        <a className="row-link" href={linkTo(`health/${id}`)}>{asWords(id)}</a>
        <span className="sub">{reason}</span>
      </>
    ),
  },
  {
    head: "State",
    cell: ({ status, is_stale: isStale }) => <Badge state={isStale ? "unknown" : status} />,
  },
  { head: "Since", cell: ({ since }) => <Ago at={since} />, isSpare: true },
  {
    head: "Took",
    cell: ({ duration_ms: ms }) => duration(ms === null ? null : ms / 1_000),
    isNumber: true,
    isSpare: true,
  },
  { head: "Looked", cell: ({ looked_at: at }) => <Ago at={at} /> },
];

function Checks({ checks }: { checks: readonly CheckState[] }): ReactNode {
  if (checks.length === 0) {
    return (
      <Empty title="No check has looked yet">
        <code>health-check</code> runs every two minutes. By hand:{" "}
        <code>select dispatch_function('health-check', 'manual');</code>
      </Empty>
    );
  }
  return (
    <Table
      label="Health checks"
      rows={checks.map((one) => ({ ...one, id: one.check_name }))}
      columns={COLUMNS}
    />
  );
}
