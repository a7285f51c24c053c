/** The figures by which the system is judged, week by week. @module */

import type { ReactNode } from "react";
import type { KpiRow, Kpis } from "../../api/pageTypes.ts";
import { useRead } from "../../api/queries.ts";
import { Async } from "../../ui/Async.tsx";
import { Empty, Section } from "../../ui/Basics.tsx";
import { Plot, type Series } from "../../ui/Plot.tsx";
import { Table } from "../../ui/Table.tsx";
import { asWords, count, duration, percent } from "../../ui/words.ts";

interface Figure {
  key: Exclude<keyof Kpis, "self_audit">;
  title: string;
  /** What the figure is, from its view. */
  note: string;
  column: string;
  label: string;
  colour: Series["colour"];
  format: (value: number) => string;
  range: readonly [number, number];
}

const FIGURES: readonly Figure[] = [
  {
    key: "auto_fix_success",
    title: "Automatic fixes that held",
    note: "kept of kept, taken back and failed",
    column: "success_rate",
    label: "Success",
    colour: "a",
    format: percent,
    range: [0, 1],
  },
  {
    key: "recovery_time",
    title: "Time to recovery",
    note: "from the first failure, half take less",
    column: "median_seconds",
    label: "Median",
    colour: "b",
    format: duration,
    range: [0, 1],
  },
  {
    key: "escalation_rate",
    title: "Handed to people",
    note: "of the errors that ended",
    column: "escalation_rate",
    label: "Escalated",
    colour: "bad",
    format: percent,
    range: [0, 1],
  },
  {
    key: "human_work",
    title: "Work that nobody had to do",
    note: "errors that ended without a person",
    column: "reduction",
    label: "Without a person",
    colour: "a",
    format: percent,
    range: [0, 1],
  },
  {
    key: "patterns_learned",
    title: "Patterns learned",
    note: "first seen in the week, and worked",
    column: "learned",
    label: "Patterns",
    colour: "b",
    format: count,
    range: [0, 4],
  },
  {
    key: "ai_calls_avoided",
    title: "Handled without a model",
    note: "of the errors that were handled",
    column: "avoided",
    label: "Without a model",
    colour: "a",
    format: percent,
    range: [0, 1],
  },
];

const WEEK_MS = 7 * 86_400_000;
const WEEKS = 12;

/** All figures. */
export function KpiPlots(): ReactNode {
  const kpis = useRead("get_healing_kpis", {});
  return (
    <Section
      title="How well it does"
      aside={<span className="quiet-text">by week, twelve weeks</span>}
    >
      <Async query={kpis}>
        {(data) => (
          <>
            {FIGURES.every(({ key }) => data[key].length === 0)
              ? (
                <Empty title="No error has ended yet">
                  The first fix that is kept or taken back begins the figures.
                </Empty>
              )
              : (
                <div className="plots">
                  {FIGURES.map((figure) => (
                    <FigurePlot
                      key={figure.key}
                      figure={figure}
                      rows={data[figure.key]}
                    />
                  ))}
                </div>
              )}
            <Audit rates={data.self_audit} />
          </>
        )}
      </Async>
    </Section>
  );
}

function FigurePlot(
  { figure, rows }: { figure: Figure; rows: readonly KpiRow[] },
): ReactNode {
  const byWeek = new Map(rows.map((row) => [row.week, row[figure.column]]));
  const last = rows.at(-1);
  // Every week has its place, so that a single one does not look like a trend.
  const weeks = weeksUntil(last?.week ?? monday(Date.now()));
  const value = last?.[figure.column];
  return (
    <article className="plot-card">
      <h3>{figure.title}</h3>
      <p className="plot-value">
        {typeof value === "number" ? figure.format(value) : "–"}
      </p>
      <p className="quiet-text">{figure.note}</p>
      <Plot
        label={figure.title}
        x={weeks}
        series={[{
          label: figure.label,
          values: weeks.map((week) => asNumber(byWeek.get(week))),
          colour: figure.colour,
          kind: figure.range[1] === 1 && figure.format === percent ? "line" : "bars",
        }]}
        format={figure.format}
        range={figure.range}
        height={130}
      />
    </article>
  );
}

function asNumber(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function monday(now: number): string {
  const date = new Date(now);
  date.setUTCDate(date.getUTCDate() - (date.getUTCDay() + 6) % 7);
  return date.toISOString().slice(0, 10);
}

function weeksUntil(last: string): string[] {
  const end = Date.parse(last);
  return Array.from(
    { length: WEEKS },
    (_, index) => new Date(end - (WEEKS - 1 - index) * WEEK_MS).toISOString().slice(0, 10),
  );
}

function Audit({ rates }: { rates: Kpis["self_audit"] }): ReactNode {
  const judged = rates.filter(({ n }) => n > 0);
  if (judged.length === 0) return null;
  return (
    <>
      <h3>How often it misjudged fixes whose right end was known</h3>
      <Table
        label="Self audit"
        rows={judged.map((one) => ({ ...one, id: one.rate }))}
        columns={[
          { head: "Mistake", cell: ({ rate }) => asWords(rate) },
          { head: "Judged", cell: ({ n }) => count(n), isNumber: true },
          { head: "Wrong", cell: ({ wrong }) => count(wrong), isNumber: true },
          {
            head: "Share",
            cell: ({ share }) => percent(share),
            isNumber: true,
          },
        ]}
      />
    </>
  );
}
