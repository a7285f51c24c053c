/** Experiments side by side: both fixes, their outcomes, the evidence so far, and the decision with its reason. @module */

import type { ReactNode } from "react";
import { ACTS } from "../../api/actions.ts";
import type { Experiment } from "../../api/learnedTypes.ts";
import { linkTo } from "../../app/router.ts";
import { ActButton } from "../../ui/ActButton.tsx";
import { Ago, Badge, Meter } from "../../ui/Basics.tsx";
import { asText, asWords, count, eValue, percent } from "../../ui/words.ts";

/** A panel with a card for each experiment. */
export function FixExperimentsPanel(
  { experiments }: { experiments: readonly Experiment[] },
): ReactNode {
  return (
    <div className="panels" aria-label="Experiments">
      {experiments.map((one) => (
        <ExperimentCard
          key={one.id}
          experiment={one}
        />
      ))}
    </div>
  );
}

function ExperimentCard({ experiment }: { experiment: Experiment }): ReactNode {
  return (
    <article className="panel">
      <header className="panel-head">
        <h3>
          <a href={linkTo(`experiments/${experiment.id}`)}>
            {experiment.pattern_name ?? experiment.error_signature}
          </a>
        </h3>
        <Badge state={experiment.experiment_status} />
      </header>
      <Variants experiment={experiment} />
      <p className="quiet-text">
        {experiment.reason ?? "Too few outcomes for a decision."}
      </p>
      <footer className="panel-foot">
        <span>
          {count(experiment.sample_size)} of at most {count(experiment.max_n)} outcomes; began{" "}
          <Ago at={experiment.started_at} />
        </span>
        {experiment.experiment_status === "running" && <Conclude experiment={experiment} />}
      </footer>
    </article>
  );
}

/** Both fixes with their rates and the evidence for each. */
export function Variants(
  { experiment }: { experiment: Experiment },
): ReactNode {
  const { a, b, fix_variant_a: fixA, fix_variant_b: fixB } = experiment;
  return (
    <div className="variants">
      <VariantBox
        name="a"
        role="in force"
        fix={fixA}
        rate={a.rate}
        n={a.n}
        log={experiment.log_a}
        experiment={experiment}
      />
      <VariantBox
        name="b"
        role="challenger"
        fix={fixB}
        rate={b.rate}
        n={b.n}
        log={experiment.log_b}
        experiment={experiment}
      />
    </div>
  );
}

function VariantBox({ name, role, fix, rate, n, log, experiment }: {
  name: "a" | "b";
  role: string;
  fix: Record<string, unknown>;
  rate: number | null;
  n: number;
  log: number;
  experiment: Experiment;
}): ReactNode {
  return (
    <section
      className={`variant variant-${name}`}
      aria-label={`Variant ${name}`}
    >
      <p className="variant-head">
        <span className={`swatch series-${name}`} aria-hidden="true" /> <b>{name.toUpperCase()}</b> {role}
        {experiment.winning_variant === name && <Badge state="completed" label="won" />}
        {experiment.first_choice === name && <Badge state="first" label="asked first" />}
      </p>
      <p className="variant-fix">{asWords(asText(fix.kind))}</p>
      <Meter value={rate ?? 0} label={`Success of ${name}`} />
      <p className="quiet-text">
        {percent(rate)} of {count(n)} succeeded · e-value {eValue(log)}
      </p>
    </section>
  );
}

/** Ending an experiment before the evidence does. */
export function Conclude(
  { experiment }: { experiment: Experiment },
): ReactNode {
  return (
    <span className="button-row">
      <ActButton
        label="A wins"
        title="Conclude: A stays"
        change={ACTS.concludeExperiment(experiment.id, "a")}
      >
        <p>
          The experiment ends, and {asText(experiment.fix_variant_a.kind)} stays in force.
        </p>
      </ActButton>
      <ActButton
        label="B wins"
        title="Conclude: B wins"
        change={ACTS.concludeExperiment(experiment.id, "b")}
      >
        <p>
          The experiment ends, and {asText(experiment.fix_variant_b.kind)}{" "}
          is asked first from now on. The evidence so far: e-value {eValue(experiment.log_b)}.
        </p>
      </ActButton>
      <ActButton
        label="Neither"
        title="Conclude without a winner"
        change={ACTS.concludeExperiment(experiment.id, "none")}
      >
        <p>The experiment ends, and what is in force stays.</p>
      </ActButton>
    </span>
  );
}
