/** Lines over two axes as an SVG that a document shows. @module */

const [WIDTH, HEIGHT] = [720, 400];
const PLOT = { left: 70, right: 700, top: 40, bottom: 350 };
const SOFT = "#444";

/** One axis: it reaches from its first tick to its last, and what lies beyond is drawn at its end. */
export interface Axis {
  title?: string;
  ticks: readonly number[];
  isLogarithmic?: boolean;
}

/** One line, in the order of its points. */
export interface Line {
  colour: string;
  points: readonly (readonly [x: number, y: number])[];
  /** 0 to 1. */
  opacity?: number;
}

/** What is drawn. */
export interface LineChart {
  /** For those who cannot see it. */
  title: string;
  x: Axis;
  y: Axis;
  lines: readonly Line[];
  /** What the colours mean, side by side above the lines. */
  legend: readonly { name: string; colour: string }[];
  /** A height that matters. */
  bound?: { at: number; name: string };
}

type Scale = (value: number) => number;

/** The picture. */
export function drawLineChart({ title, x, y, lines, legend, bound }: LineChart): string {
  const across = scaleOf(x, PLOT.left, PLOT.right);
  const up = scaleOf(y, PLOT.bottom, PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...y.ticks.map((tick) => row(tick, up)),
    ...x.ticks.map((tick, index) => {
      // A long number at the edge would leave the picture.
      const anchor = index === x.ticks.length - 1 ? "end" : "middle";
      return text(across(tick), PLOT.bottom + 18, anchor, SOFT, labelOf(tick));
    }),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 10, "middle", SOFT, x.title ?? ""),
    ...lines.map((line) => polyline(line, across, up)),
    ...(bound === undefined ? [] : [boundary(up(bound.at), bound.name)]),
    ...legend.map(({ name, colour }, index) =>
      text(PLOT.left + index * (PLOT.right - PLOT.left) / legend.length, 22, "start", colour, name)
    ),
    "</svg>\n",
  ].join("\n");
}

function scaleOf({ ticks, isLogarithmic = false }: Axis, from: number, to: number): Scale {
  const measure = isLogarithmic ? Math.log : (value: number) => value;
  const [least, most] = [ticks[0]!, ticks.at(-1)!];
  return (value) => {
    const bounded = Math.min(most, Math.max(least, value));
    const share = (measure(bounded) - measure(least)) / (measure(most) - measure(least));
    return Math.round(10 * (from + (to - from) * share)) / 10;
  };
}

function row(tick: number, up: Scale): string {
  const at = up(tick);
  return `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="#e3e3e3"/>` +
    text(PLOT.left - 8, at + 4, "end", SOFT, labelOf(tick));
}

function polyline({ colour, points, opacity = 1 }: Line, across: Scale, up: Scale): string {
  const places = points.map(([x, y]) => `${across(x)},${up(y)}`).join(" ");
  return `<polyline points="${places}" fill="none" stroke="${colour}" stroke-opacity="${opacity}"/>`;
}

function boundary(at: number, name: string): string {
  return `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="#222" stroke-dasharray="6 4"/>` +
    text(PLOT.right, at - 6, "end", "#222", name);
}

function text(
  x: number,
  y: number,
  anchor: "start" | "middle" | "end",
  colour: string,
  words: string,
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
}

function labelOf(tick: number): string {
  return tick.toLocaleString("en", { maximumSignificantDigits: 3 });
}
