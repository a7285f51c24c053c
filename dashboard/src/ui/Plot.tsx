/** A plot that is loaded when it is first shown, with its figures as a table for whoever cannot see it. @module */

import { lazy, type ReactNode, Suspense } from "react";
import { moment } from "./words.ts";

/** A line or a row of bars. */
export interface Series {
  label: string;
  values: readonly (number | null)[];
  /** A colour of the theme. */
  colour: "a" | "b" | "good" | "bad" | "mark";
  kind?: "line" | "bars" | "steps" | "dashes";
}

/** What a plot shows. */
export interface PlotProps {
  /** What it shows, in a sentence. */
  label: string;
  /** Times (ISO 8601), or positions. */
  x: readonly (string | number)[];
  series: readonly Series[];
  format: (value: number) => string;
  /** The least and the greatest value that are shown in any case. */
  range?: readonly [number, number];
  height?: number;
}

const Canvas = lazy(() => import("./PlotCanvas.tsx"));

/** The plot. */
export function Plot(props: PlotProps): ReactNode {
  return (
    <figure className="plot" aria-label={props.label}>
      <Suspense
        fallback={<div className="plot-wait" style={{ height: props.height ?? 180 }} />}
      >
        <Canvas {...props} />
      </Suspense>
      <figcaption className="legend">
        {props.series.map(({ label, colour }) => (
          <span key={label}>
            <i className={`swatch series-${colour}`} aria-hidden="true" />
            {label}
          </span>
        ))}
      </figcaption>
      <Figures {...props} />
    </figure>
  );
}

function Figures({ label, x, series, format }: PlotProps): ReactNode {
  return (
    <details className="figures">
      <summary>Figures</summary>
      <div
        className="table-frame"
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <table className="table plain">
          <thead>
            <tr>
              <th scope="col">
                {typeof x[0] === "number" ? "Outcomes" : "When"}
              </th>
              {series.map((one) => <th key={one.label} scope="col" className="num">{one.label}</th>)}
            </tr>
          </thead>
          <tbody>
            {x.map((at, index) => (
              <tr key={index}>
                <td>{typeof at === "number" ? at : moment(at)}</td>
                {series.map((one) => {
                  const value = one.values[index] ?? null;
                  return (
                    <td key={one.label} className="num">
                      {value === null ? "–" : format(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
