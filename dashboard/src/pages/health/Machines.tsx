/** What works without being asked: schedules, functions, cycles of the engine, circuit breakers. @module */

import type { ReactNode } from "react";
import { ACTS } from "../../api/actions.ts";
import type { Schedules } from "../../api/pageTypes.ts";
import { ActButton } from "../../ui/ActButton.tsx";
import { Ago, Badge, Empty, Section } from "../../ui/Basics.tsx";
import { type Column, Table } from "../../ui/Table.tsx";
import { asWords } from "../../ui/words.ts";

/** Four tables, of which those that are empty are left out. */
export function Machines({ data: { jobs, functions, cycles, breakers } }: { data: Schedules }): ReactNode {
  return (
    <>
      <Section title="Schedules">
        {jobs === null
          ? <NoCron />
          : <Table label="Schedules" rows={named(jobs, "name")} columns={JOB_COLUMNS} />}
      </Section>
      <Section title="Functions">
        <Table label="Functions" rows={named(functions, "function_name")} columns={FUNCTION_COLUMNS} />
      </Section>
      {cycles.length > 0 && (
        <Section title="Cycles of the engine">
          <Table
            label="Cycles"
            rows={cycles.map((one) => ({ ...one, id: `${one.cycle}/${one.project_id}` }))}
            columns={CYCLE_COLUMNS}
          />
        </Section>
      )}
      {breakers.length > 0 && (
        <Section title="Circuit breakers">
          <Table label="Circuit breakers" rows={named(breakers, "name")} columns={BREAKER_COLUMNS} />
        </Section>
      )}
    </>
  );
}

function NoCron(): ReactNode {
  return (
    <Empty title="pg_cron is not installed">
      Schedules come from outside then; only the runs below tell whether they fire.
    </Empty>
  );
}

/** Rows whose name is their id. */
function named<Row, Key extends keyof Row>(rows: readonly Row[], key: Key): (Row & { id: string })[] {
  return rows.map((row) => ({ ...row, id: String(row[key]) }));
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
