/** One experiment: the evidence over time, both fixes, and ending it. @module */

import type { ReactNode } from "react";
import { ACTS } from "../api/actions.ts";
import { useRead } from "../api/queries.ts";
import type { Experiment, ExperimentDetail as Detail } from "../api/learnedTypes.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Code, Empty, type Fact, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Plot, type Series } from "../ui/Plot.tsx";
import { count, eValue, percent } from "../ui/words.ts";
import { Conclude, Variants } from "./experiments/FixExperimentsPanel.tsx";

export default function ExperimentDetail({ id }: PageProps): ReactNode {
  const query = useRead("get_experiment", { p_experiment_id: id });
  return <Async query={query}>{(detail) => <Trial detail={detail} />}</Async>;
}

function Trial({ detail }: { detail: Detail }): ReactNode {
  const { experiment } = detail;
  return (
    <>
      <PageHead
        back={["Experiments", linkTo("experiments")]}
        title={<>{experiment.pattern_name ?? "Experiment"}</>}
        badge={<Badge state={experiment.experiment_status} />}
        lead={experiment.reason ?? "Too few outcomes for a decision."}
      >
        {experiment.experiment_status === "running" && <Endings experiment={experiment} />}
      </PageHead>
      <Variants experiment={experiment} />
      <Evidence detail={detail} />
      <Section title="About it">
        <Facts items={factsOf(experiment)} />
        <Code label="Error signature">{experiment.error_signature}</Code>
        <Stored title="Fix A as it is stored" value={experiment.fix_variant_a} />
        <Stored title="Fix B as it is stored" value={experiment.fix_variant_b} />
      </Section>
    </>
  );
}

function Endings({ experiment }: { experiment: Experiment }): ReactNode {
  return (
    <>
      <Conclude experiment={experiment} />
      <ActButton
        label="Cancel it"
        kind="danger"
        title="Cancel this experiment"
        change={ACTS.cancelExperiment(experiment.id)}
      >
        <p>It ends without a decision, and what is in force stays.</p>
      </ActButton>
    </>
  );
}

function factsOf(experiment: Experiment): Fact[] {
  const { concluded_at: end, ended_by: by, pattern_id: patternId } = experiment;
  return [
    ["Share of B", percent(experiment.share_of_b)],
    ["Outcomes", `${count(experiment.sample_size)} of at most ${count(experiment.max_n)}`],
    ["Began", <Ago key="b" at={experiment.started_at} />],
    ["Judged", <Ago key="j" at={experiment.judged_at} />],
    [
      "Ended",
      end === null ? "runs" : (
        <>
          <Ago at={end} /> by {by}
        </>
      ),
    ],
    ["Pattern", <a key="p" href={linkTo(`patterns/${patternId}`)}>the pattern that it is about</a>],
  ];
}

/** Above 20 one chance in twenty at most is left that there is no difference. */
const STRONG = 20;

function Evidence({ detail: { series } }: { detail: Detail }): ReactNode {
  if (series.length === 0) {
    return (
      <Section title="Evidence over time">
        <Empty title="No block of outcomes has closed yet">
          Outcomes are weighed ten at a time, once both fixes have some.
        </Empty>
      </Section>
    );
  }
  return (
    <Section
      title="Evidence over time"
      aside={<span className="quiet-text">e-value, on a scale of powers of ten</span>}
    >
      <Plot
        label="E-values for A and for B after each block of outcomes"
        x={series.map(({ n }) => n)}
        series={linesOf(series)}
        format={(power) => eValue(power * Math.LN10)}
        range={[-1, 2]}
        height={240}
      />
    </Section>
  );
}

function linesOf(series: Detail["series"]): Series[] {
  const powersOfTen = (key: "log_a" | "log_b") => series.map((one) => one[key] / Math.LN10);
  return [
    { label: "B is better", values: powersOfTen("log_b"), colour: "b" },
    { label: "A is better", values: powersOfTen("log_a"), colour: "a" },
    { label: "strong (20)", values: series.map(() => Math.log10(STRONG)), colour: "mark", kind: "dashes" },
  ];
}
