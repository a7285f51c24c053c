/** What a story of the demo reports, and how it is shown. @module */

import { print } from "../lib/print.ts";
import type { DemoStage } from "./stage.ts";

/** What a story says of itself. */
export interface StoryReport {
  healed: boolean;
  broke: string;
  healedBy: string;
  tier: string;
  proof: string;
  /** Further lines to show. */
  notes?: string[];
}

/** One story. */
export interface Story {
  title: string;
  tell(stage: DemoStage): Promise<StoryReport>;
}

/** Tells a story, prints its report with its time, and says whether it healed. */
export async function tellStory(story: Story, number: number, stage: DemoStage): Promise<boolean> {
  print(`\n${number}. ${story.title}`);
  const startedAt = performance.now();
  let report: StoryReport;
  try {
    report = await story.tell(stage);
  } catch (error) {
    report = {
      healed: false,
      broke: "the story itself",
      healedBy: "nothing",
      tier: "-",
      proof: String(error),
    };
  }
  const lines: [string, string][] = [
    ["broke", report.broke],
    [report.healed ? "healed by" : "NOT HEALED", report.healedBy],
    ["tier", report.tier],
    ["proof", report.proof],
    ["time", `${Math.round(performance.now() - startedAt)} ms`],
  ];
  for (const [label, text] of lines) print(`   ${label.padEnd(10)} ${text}`);
  for (const note of report.notes ?? []) print(`   ${note}`);
  return report.healed;
}
