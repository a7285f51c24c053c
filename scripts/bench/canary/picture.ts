/** Twenty healthy releases and twenty that fail twice as often, and how the evidence against them grows: an SVG. @module */

import { CANARY_RULES } from "../../../supabase/functions/_shared/statistics.ts";
import { drawLineChart, type Line } from "../../lib/lineChart.ts";
import { LONG, playAll, type Run, steady } from "./worlds.ts";

const [LOOKS, PER_LOOK, RELEASES] = [20, 100, 20];
const KINDS = [
  { name: "healthy: 2 % before and now", rate: 0.02, colour: "#1b7f5c", seed: 7 },
  { name: "2 % before, 4 % now", rate: 0.04, colour: "#c0392b", seed: 8 },
] as const;

/** The picture. */
export function drawReleases(): string {
  return drawLineChart({
    title: `Evidence against ${RELEASES} healthy releases and ${RELEASES} that fail twice as often`,
    x: { title: "requests of the release", ticks: [0, 500, 1_000, 1_500, 2_000] },
    y: { ticks: [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6], isLogarithmic: true },
    lines: KINDS.flatMap(({ rate, colour, seed }) =>
      releasesOf(rate, seed).map((run) => lineOf(run, colour))
    ),
    legend: KINDS.map(({ name, colour }) => ({ name: `evidence, ${name}`, colour })),
    bound: { at: CANARY_RULES.worse, name: `taken back from ${CANARY_RULES.worse} on` },
  });
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

function lineOf({ evidence }: Run, colour: string): Line {
  const points = evidence.map((value, look) => [(look + 1) * PER_LOOK, value] as const);
  return { colour, opacity: 0.6, points: [[0, 1], ...points] };
}
