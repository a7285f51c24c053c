/** Findings of one series, a column for each of its steps and a row for each figure; and how a document shows them. @module */

import { markdownTable, writeIntoDocument } from "../../lib/documentTable.ts";
import { drawLineChart, type LineChart } from "../../lib/lineChart.ts";
import type { Finding } from "../../lib/simulation.ts";

const DOCS = new URL("../../../docs/", import.meta.url);
const COLOURS = ["#1b7f5c", "#c0392b", "#2d6cb5", "#b8860b", "#7d3c98", "#444444"];

/** How a series is shown. */
export interface SeriesPage {
  /** Between whose marks in docs/scaling.md the table stands. */
  mark: string;
  /** Of the first column. */
  title: string;
  /** The figures of the table; others are only judged. */
  isShown(figure: string): boolean;
  /** The picture without its lines; each is a figure of these, as large as the findings say. */
  chart: Omit<LineChart, "lines" | "legend">;
  picture: string;
  drawn: Readonly<Record<string, string>>;
  /** Where a step lies on the horizontal axis. */
  placeOf(scenario: string): number;
}

/** Writes table and picture. */
export async function writeSeries(findings: readonly Finding[], page: SeriesPage): Promise<void> {
  await writeIntoDocument(new URL("scaling.md", DOCS), page.mark, seriesTable(findings, page));
  await Deno.writeTextFile(new URL(page.picture, DOCS), seriesPicture(findings, page));
}

/** The table, as Markdown. */
export function seriesTable(
  findings: readonly Finding[],
  { title, isShown }: Pick<SeriesPage, "title" | "isShown">,
): string {
  const scenarios = [...new Set(findings.map(({ scenario }) => scenario))];
  const figures = [...new Set(findings.map(({ figure }) => figure))].filter(isShown);
  const valueOf = (figure: string, scenario: string) =>
    findings.find((finding) => finding.figure === figure && finding.scenario === scenario)?.value;
  return markdownTable(
    [title, ...scenarios],
    figures.map((figure) => [figure, ...scenarios.map((scenario) => told(valueOf(figure, scenario)))]),
  );
}

function told(value: number | undefined): string {
  if (value === undefined) return "";
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** The picture, as SVG. */
export function seriesPicture(
  findings: readonly Finding[],
  { chart, drawn, placeOf }: Pick<SeriesPage, "chart" | "drawn" | "placeOf">,
): string {
  const names = Object.entries(drawn).map(([figure, name], index) => ({
    figure,
    name,
    colour: COLOURS[index]!,
  }));
  return drawLineChart({
    ...chart,
    lines: names.map(({ figure, colour }) => ({
      colour,
      points: findings.filter((finding) => finding.figure === figure)
        .map(({ scenario, value }) => [placeOf(scenario), value] as const),
    })),
    legend: names.map(({ name, colour }) => ({ name, colour })),
  });
}
