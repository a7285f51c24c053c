/** Runs of the healing functions, newest first. @module */

import type { ReactNode } from "react";
import { useList } from "../../api/queries.ts";
import type { RunLine } from "../../api/types.ts";
import type { Place } from "../../app/router.ts";
import { Ago, Badge, Empty, Section } from "../../ui/Basics.tsx";
import { Choice, filterOf, Filters } from "../../ui/Filters.tsx";
import type { FilterSpec } from "../../ui/ListPage.tsx";
import { type Column, PagedTable, readCursor } from "../../ui/Table.tsx";
import { asText, asWords, duration } from "../../ui/words.ts";

const FUNCTIONS = ["autonomous-healing-engine", "backend-self-monitor", "health-check", "auto-test-runner"];

const FILTERS: readonly FilterSpec[] = [
  { name: "status", label: "State", options: ["dispatched", "started", "finished", "failed", "lost"] },
  {
    name: "function_name",
    label: "Function",
    options: FUNCTIONS.map((name): [string, string] => [name, name]),
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

/** The list, twenty at a time. */
export function Runs({ place }: { place: Place }): ReactNode {
  const filter = { ...filterOf(place, FILTERS.map(({ name }) => name)), limit: "20" };
  const query = useList("list_healing_runs", filter, readCursor(place));
  return (
    <Section title="Runs">
      <Filters>{FILTERS.map((one) => <Choice key={one.name} place={place} {...one} />)}</Filters>
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
