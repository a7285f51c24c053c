/** Whether everything is well: checks, schedules that fire, runs, cycles, circuit breakers. @module */

import type { ReactNode } from "react";
import { ACTS } from "../api/actions.ts";
import type { CheckState, Schedules } from "../api/pageTypes.ts";
import { useList, useRead } from "../api/queries.ts";
import type { RunLine } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Empty, PageHead, Section } from "../ui/Basics.tsx";
import { Choice, filterOf, Filters } from "../ui/Filters.tsx";
import { type Column, PagedTable, readCursor, Table } from "../ui/Table.tsx";
import { asText, asWords, duration } from "../ui/words.ts";

export default function Health({ place }: PageProps): ReactNode {
  const health = useRead("get_health_status", {});
  const schedules = useRead("get_schedules", {});
  return (
    <>
      <PageHead
        title="Health & schedules"
        lead={health.data === undefined ? undefined : (
          <>
            <Badge state={health.data.status} /> looked <Ago at={health.data.checked_at} />
          </>
        )}
      />
      <Section title="Checks">
        <Async query={health}>
          {({ checks }) => <Checks checks={checks} />}
        </Async>
      </Section>
      <Async query={schedules}>{(data) => <Machines data={data} />}</Async>
      <Runs place={place} />
    </>
  );
}

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
      columns={[
        {
          head: "Check",
          cell: ({ id, reason }) => (
            <>
              <a className="row-link" href={linkTo(`health/${id}`)}>
                {asWords(id)}
              </a>
              <span className="sub">{reason}</span>
            </>
          ),
        },
        {
          head: "State",
          cell: ({ status, is_stale: isStale }) => <Badge state={isStale ? "unknown" : status} />,
        },
        {
          head: "Since",
          cell: ({ since }) => <Ago at={since} />,
          isSpare: true,
        },
        {
          head: "Took",
          cell: ({ duration_ms: ms }) => duration(ms === null ? null : ms / 1_000),
          isNumber: true,
          isSpare: true,
        },
        { head: "Looked", cell: ({ looked_at: at }) => <Ago at={at} /> },
      ]}
    />
  );
}

function Machines(
  { data: { jobs, functions, cycles, breakers } }: { data: Schedules },
): ReactNode {
  return (
    <>
      <Section title="Schedules">
        {jobs === null
          ? (
            <Empty title="pg_cron is not installed">
              Schedules come from outside then; only the runs below tell whether they fire.
            </Empty>
          )
          : (
            <Table
              label="Schedules"
              rows={jobs.map((one) => ({ ...one, id: one.name }))}
              columns={JOB_COLUMNS}
            />
          )}
      </Section>
      <Section title="Functions">
        <Table
          label="Functions"
          rows={functions.map((one) => ({ ...one, id: one.function_name }))}
          columns={FUNCTION_COLUMNS}
        />
      </Section>
      {cycles.length > 0 && (
        <Section title="Cycles of the engine">
          <Table
            label="Cycles"
            rows={cycles.map((one) => ({
              ...one,
              id: `${one.cycle}/${one.project_id}`,
            }))}
            columns={CYCLE_COLUMNS}
          />
        </Section>
      )}
      {breakers.length > 0 && (
        <Section title="Circuit breakers">
          <Table
            label="Circuit breakers"
            rows={breakers.map((one) => ({ ...one, id: one.name }))}
            columns={BREAKER_COLUMNS}
          />
        </Section>
      )}
    </>
  );
}

const JOB_COLUMNS: readonly Column<
  NonNullable<Schedules["jobs"]>[number] & { id: string }
>[] = [
  {
    head: "Job",
    cell: ({ name, last_message: message, last_status: status }) => (
      <>{name}{status === "failed" && <span className="sub">{message}</span>}</>
    ),
  },
  { head: "Schedule", cell: ({ schedule }) => <code>{schedule}</code> },
  {
    head: "State",
    cell: ({ active, is_late: isLate, last_status: status }) => {
      if (!active) {
        return <Badge state="off" tone="warn" label="switched off" />;
      }
      if (isLate) return <Badge state="late" tone="bad" label="did not fire" />;
      return status === null ? <Badge state="waits" label="not due yet" /> : <Badge state={status} />;
    },
  },
  { head: "Last", cell: ({ last_start: at }) => <Ago at={at} /> },
];

const FUNCTION_COLUMNS: readonly Column<
  Schedules["functions"][number] & { id: string }
>[] = [
  {
    head: "Function",
    cell: ({ id, last }) => <>{id}{last?.reason && <span className="sub">{last.reason}</span>}</>,
  },
  {
    head: "Last run",
    cell: ({ last }) =>
      last === null ? <span className="quiet-text">never</span> : <Badge state={last.status} />,
  },
  { head: "When", cell: ({ last }) => <Ago at={last?.dispatched_at} /> },
];

const CYCLE_NAMES = [
  "",
  "Detect and heal",
  "Learn",
  "Watch deployments",
  "Optimise",
  "Quality",
  "Experiments",
];

const CYCLE_COLUMNS: readonly Column<
  Schedules["cycles"][number] & { id: string }
>[] = [
  {
    head: "Cycle",
    cell: ({ cycle, project_id: project, reason }) => (
      <>
        {cycle}. {CYCLE_NAMES[cycle]}
        {project !== "" && ` (${project})`}
        {reason !== null && <span className="sub">{reason}</span>}
      </>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Began", cell: ({ started_at: at }) => <Ago at={at} /> },
];

const BREAKER_COLUMNS: readonly Column<
  Schedules["breakers"][number] & { id: string }
>[] = [
  {
    head: "Target",
    cell: ({ name, reason }) => (
      <>
        {name}
        <span className="sub">{reason}</span>
      </>
    ),
  },
  {
    head: "State",
    cell: ({ state, mode }) => (
      <Badge
        state={state}
        {...(mode === "auto" ? {} : { label: asWords(mode) })}
      />
    ),
  },
  { head: "Since", cell: ({ changed_at: at }) => <Ago at={at} /> },
  {
    head: "Decide",
    cell: ({ name, mode }) =>
      mode === "auto"
        ? (
          <ActButton
            label="Keep open"
            kind="danger"
            title={`Stop calls to ${name}`}
            change={ACTS.setBreakerMode(name, "forced_open")}
          >
            <p>
              Every call to it fails at once, until somebody lets it decide for itself again.
            </p>
          </ActButton>
        )
        : (
          <ActButton
            label="Automatic"
            title={`Let ${name} decide for itself`}
            change={ACTS.setBreakerMode(name, "auto")}
          >
            <p>It opens and closes by what it sees.</p>
          </ActButton>
        ),
  },
];

const RUN_COLUMNS: readonly Column<RunLine>[] = [
  {
    head: "Run",
    cell: ({ function_name: name, reason }) => (
      <>{name}{reason !== null && <span className="sub">{reason}</span>}</>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Called by", cell: ({ trigger }) => trigger, isSpare: true },
  {
    head: "Took",
    cell: ({ started_at: from, finished_at: to }) =>
      from === null || to === null ? "–" : duration((Date.parse(to) - Date.parse(from)) / 1_000),
    isNumber: true,
  },
  {
    head: "Counted",
    cell: ({ counters }) => <span className="sub">{countersOf(counters)}</span>,
    isSpare: true,
  },
  { head: "When", cell: ({ dispatched_at: at }) => <Ago at={at} /> },
];

function countersOf(counters: unknown): string {
  return Object.entries((counters ?? {}) as Record<string, unknown>).filter((
    [, value],
  ) => typeof value === "number" && value > 0)
    .slice(0, 5).map(([name, value]) => `${asWords(name)} ${asText(value)}`)
    .join(", ");
}

function Runs({ place }: { place: PageProps["place"] }): ReactNode {
  const query = useList("list_healing_runs", {
    ...filterOf(place, ["status", "function_name"]),
    limit: "20",
  }, readCursor(place));
  return (
    <Section title="Runs">
      <Filters>
        <Choice
          place={place}
          name="status"
          label="State"
          options={["dispatched", "started", "finished", "failed", "lost"]}
        />
        <Choice
          place={place}
          name="function_name"
          label="Function"
          options={[
            "autonomous-healing-engine",
            "backend-self-monitor",
            "health-check",
            "auto-test-runner",
          ].map((name): [string, string] => [name, name])}
        />
      </Filters>
      <PagedTable
        query={query}
        place={place}
        label="Runs"
        columns={RUN_COLUMNS}
        empty={
          <Empty title="No run matches">
            Each run of a healing function writes its own row and finishes it; one that does not is lost, and
            counted.
          </Empty>
        }
      />
    </Section>
  );
}
