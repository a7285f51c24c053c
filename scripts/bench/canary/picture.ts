/** Twenty healthy releases and twenty that fail twice as often, and how the evidence against them grows: an SVG. @module */

import { CANARY_RULES } from "../../../supabase/functions/_shared/statistics.ts";
import { LONG, playAll, type Run, steady } from "./worlds.ts";

const [WIDTH, HEIGHT] = [720, 400];
const PLOT = { left: 70, right: 700, top: 40, bottom: 350 };
const [LOOKS, PER_LOOK, RELEASES] = [20, 100, 20];
const [LEAST, MOST] = [1e-3, 1e6];
const KINDS = [
  { name: "healthy: 2 % before and now", rate: 0.02, colour: "#1b7f5c", seed: 7 },
  { name: "2 % before, 4 % now", rate: 0.04, colour: "#c0392b", seed: 8 },
] as const;

/** The picture. */
export function drawReleases(): string {
  const lines = KINDS.flatMap(({ rate, colour, seed }) =>
    releasesOf(rate, seed).map((run) => pathOf(run, colour))
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>Evidence against ${RELEASES} healthy releases and ${RELEASES} that fail twice as often</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...grid(),
    ...lines,
    ...bound(),
    ...legend(),
    "</svg>\n",
  ].join("\n");
}

function releasesOf(rate: number, seed: number): Run[] {
  const world = {
    name: "",
    canary: steady(rate),
    before: steady(0.02),
    perLook: PER_LOOK,
    looks: LOOKS,
    ...LONG,
  };
  return playAll(world, RELEASES, seed);
}

function pathOf({ evidence }: Run, colour: string): string {
  const points = evidence.map((value, look) => `${x((look + 1) * PER_LOOK)},${y(value)}`);
  return `<polyline points="${x(0)},${y(1)} ${
    points.join(" ")
  }" fill="none" stroke="${colour}" stroke-opacity="0.6"/>`;
}

function grid(): string[] {
  const rows = [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((value) =>
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(value)}" y2="${y(value)}" stroke="#e3e3e3"/>` +
    `<text x="${PLOT.left - 8}" y="${y(value) + 4}" text-anchor="end" fill="#444">${value}</text>`
  );
  const columns = [0, 500, 1_000, 1_500, 2_000].map((value) =>
    `<text x="${x(value)}" y="${PLOT.bottom + 18}" text-anchor="middle" fill="#444">${value}</text>`
  );
  const title =
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle" fill="#444">` +
    "requests of the release</text>";
  return [...rows, ...columns, title];
}

function bound(): string[] {
  const at = y(CANARY_RULES.worse);
  return [
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="#222" stroke-dasharray="6 4"/>`,
    `<text x="${PLOT.right}" y="${
      at - 6
    }" text-anchor="end" fill="#222">taken back from ${CANARY_RULES.worse} on</text>`,
  ];
}

function legend(): string[] {
  return KINDS.map(({ name, colour }, index) =>
    `<text x="${PLOT.left + 260 * index}" y="22" fill="${colour}">evidence, ${name}</text>`
  );
}

function x(requests: number): number {
  return round(PLOT.left + (PLOT.right - PLOT.left) * requests / (LOOKS * PER_LOOK));
}

function y(evidence: number): number {
  const bounded = Math.min(MOST, Math.max(LEAST, evidence));
  const share = Math.log(bounded / LEAST) / Math.log(MOST / LEAST);
  return round(PLOT.bottom - (PLOT.bottom - PLOT.top) * share);
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
