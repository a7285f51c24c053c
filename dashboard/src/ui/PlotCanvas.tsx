/** The part of a plot that brings the library with it. @module */

import { type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../app/theme.ts";
import type { PlotProps, Series } from "./Plot.tsx";

// A lazily loaded component has to be a default export.
export default function PlotCanvas(props: PlotProps): ReactNode {
  const holder = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const { x, series, range } = props;
  const drawn = JSON.stringify([x, series, range, theme]);
  useEffect(() => {
    const element = holder.current!;
    const plot = new uPlot(optionsOf(props, element), dataOf(props), element);
    const watcher = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: props.height ?? 180 })
    );
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [drawn]);
  return (
    <div
      ref={holder}
      className="plot-canvas"
      aria-hidden="true"
      style={{ minHeight: props.height ?? 180 }}
    />
  );
}

function dataOf({ x, series }: PlotProps): uPlot.AlignedData {
  const xs = x.map((at) => typeof at === "number" ? at : Date.parse(at) / 1_000);
  return [xs, ...series.map(({ values }) => [...values])];
}

function optionsOf(props: PlotProps, element: HTMLElement): uPlot.Options {
  const [least, most] = props.range ?? [0, 1];
  return {
    width: element.clientWidth || 300,
    height: props.height ?? 180,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: {
      x: { time: typeof props.x[0] !== "number" },
      y: { range: (_plot, low, high) => spread(Math.min(low ?? 0, least), Math.max(high ?? 1, most)) },
    },
    axes: axesOf(props, element),
    series: [{}, ...props.series.map((one) => seriesOf(one, element, props.x.length))],
  };
}

function axesOf(props: PlotProps, element: HTMLElement): uPlot.Axis[] {
  const common = {
    stroke: colourOf(element, "plot-axis"),
    font: `12px ${getComputedStyle(element).fontFamily}`,
    ticks: { show: false },
  };
  const grid = { stroke: colourOf(element, "plot-grid"), width: 1 };
  return [
    { ...common, grid: { show: false }, space: 64, size: 28, ...timesOf(props) },
    { ...common, grid, size: 52, values: (_plot, ticks) => ticks.map(props.format) },
  ];
}

const DAY_S = 86_400;

/** Hours of 24, and days by their month's name. */
function timesOf({ x }: PlotProps): Partial<uPlot.Axis> {
  if (typeof x[0] === "number") return {};
  const hour = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
  });
  const day = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
  });
  return {
    values: (_plot, ticks, _axis, _space, step) =>
      ticks.map((at) => (step < DAY_S ? hour : day).format(at * 1_000)),
  };
}

function spread(low: number, high: number): [number, number] {
  return [low, high === low ? low + 1 : high + (high - low) * 0.06];
}

function seriesOf(
  { label, colour, kind = "line" }: Series,
  element: HTMLElement,
  length: number,
): uPlot.Series {
  const stroke = colourOf(element, `series-${colour}`);
  const common = { label, stroke, width: 2, spanGaps: true };
  if (kind === "bars") {
    return {
      ...common,
      width: 0,
      fill: stroke,
      paths: uPlot.paths.bars!({ size: [0.7, 40, 1] }),
      points: { show: false },
    };
  }
  if (kind === "dashes") {
    return { ...common, width: 1, dash: [4, 4], points: { show: false } };
  }
  // A few values are seen one by one; of many, the line says enough.
  const points = { show: length <= 20, size: 5, fill: stroke };
  return kind === "steps"
    ? { ...common, paths: uPlot.paths.stepped!({ align: 1 }), points }
    : { ...common, points };
}

/** The colour of a class, as the theme has it now. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.className = name;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
