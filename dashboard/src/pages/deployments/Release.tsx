/** A release on its way to everybody: its errors beside those of the others, each verdict, and a person's moves. @module */

import type { ReactNode } from "react";
import { ACTS } from "../../api/actions.ts";
import type { RolloutCurve } from "../../api/deploymentTypes.ts";
import { ActButton } from "../../ui/ActButton.tsx";
import { Ago, Badge, Empty, Section } from "../../ui/Basics.tsx";
import { Plot, type Series } from "../../ui/Plot.tsx";
import { type Column, Table } from "../../ui/Table.tsx";
import { asWords, count, percent } from "../../ui/words.ts";
import { addUp } from "./addUp.ts";

/** The curve and the verdicts. */
export function Release({ curve }: { curve: RolloutCurve }): ReactNode {
  const { rollout, minutes, verdicts } = curve;
  return (
    <>
      <Section title="Release" aside={<Badge state={rollout.status} />}>
        <Ladder rollout={rollout} />
        <p className="lead">{rollout.reason}</p>
      </Section>
      <Section title="Share of requests that fail">
        {minutes.length === 0
          ? <Empty title="No request was counted yet">They are counted where observeRequest sees them.</Empty>
          : <Curve curve={curve} />}
      </Section>
      {verdicts.length > 0 && (
        <Section title="Verdicts">
          <Table
            label="Verdicts"
            rows={verdicts.toReversed().slice(0, 20).map((one) => ({ ...one, id: String(one.id) }))}
            columns={VERDICT_COLUMNS}
          />
        </Section>
      )}
    </>
  );
}

function Ladder({ rollout: { mode, steps, step, share } }: { rollout: RolloutCurve["rollout"] }): ReactNode {
  if (mode === "provider") {
    return <p>Everybody has it since it is there; it is watched with all of its traffic.</p>;
  }
  return (
    <ol className="steps" aria-label="Steps of the release">
      {steps.map((percents, index) => (
        <li key={percents} className={index < step && share > 0 ? "step done" : "step"}>
          <b>{percents} %</b>
          <span>{share === percents ? "now" : index < step && share > 0 ? "passed" : "not yet"}</span>
        </li>
      ))}
    </ol>
  );
}

function Curve({ curve: { minutes, before } }: { curve: RolloutCurve }): ReactNode {
  const points = addUp(minutes);
  const usual = rate(before?.errors ?? 0, before?.requests ?? 0);
  const hasControl = points.some(([, , , , controls]) => controls > 0);
  const series: Series[] = [
    { label: "The release", values: points.map(([, n, errors]) => rate(errors, n)), colour: "b" },
    ...(hasControl
      ? [{
        label: "What was there, in the same minutes",
        values: points.map(([, , , , n, errors]) => rate(errors, n)),
        colour: "a" as const,
      }]
      : []),
    ...(usual === null ? [] : [{
      label: "Before",
      values: points.map(() => usual),
      colour: "mark" as const,
      kind: "dashes" as const,
    }]),
  ];
  return (
    <Plot
      label="The share of requests that fail, of the release and of what was there"
      x={points.map(([at]) => at)}
      series={series}
      format={percent}
      range={[0, 0.05]}
      height={220}
    />
  );
}

function rate(errors: number, requests: number): number | null {
  return requests === 0 ? null : errors / requests;
}

type Verdict = Omit<RolloutCurve["verdicts"][number], "id"> & { id: string };

const VERDICT_COLUMNS: readonly Column<Verdict>[] = [
  {
    head: "Verdict",
    cell: ({ rule, reason }) => (
      <>
        <b>{asWords(rule)}</b>
        <span className="sub">{reason}</span>
      </>
    ),
  },
  { head: "Then", cell: ({ status_after: status }) => <Badge state={status} /> },
  {
    head: "Share",
    cell: ({ share, share_after: after }) => share === after ? `${share} %` : `${share} → ${after} %`,
    isNumber: true,
  },
  { head: "Requests", cell: ({ n }) => count(n), isNumber: true, isSpare: true },
  { head: "Fail", cell: ({ measured }) => percent(measured), isNumber: true },
  { head: "Before", cell: ({ baseline }) => percent(baseline), isNumber: true, isSpare: true },
  { head: "By", cell: ({ actor }) => actor, isSpare: true },
  { head: "When", cell: ({ looked_at: at }) => <Ago at={at} /> },
];

type Rollout = RolloutCurve["rollout"];

/** What a person may do with a release. */
export function Steering({ rollout }: { rollout: Rollout }): ReactNode {
  const { id, status, mode } = rollout;
  if (status !== "running" && status !== "paused") return null;
  return (
    <>
      {status === "running" ? <Pause rollout={rollout} /> : <Resume rollout={rollout} />}
      {mode === "feature" && (
        <ActButton label="Next step" title="One step further" change={ACTS.steerRollout(id, "advance")}>
          <p>The next share of the units gets it now, whatever the figures say.</p>
        </ActButton>
      )}
      <ActButton
        label="Keep it"
        kind="primary"
        title="Everybody, at once"
        change={ACTS.steerRollout(id, "promote")}
      >
        <p>Everybody gets it, and it is watched no more.</p>
      </ActButton>
      <ActButton
        label="Roll back"
        kind="danger"
        title="Nobody, at once"
        change={ACTS.steerRollout(id, "roll_back")}
      >
        <p>
          Nobody gets it from now on, and its deployment is rolled back. It is refused across a change that
          has destroyed something.
        </p>
      </ActButton>
    </>
  );
}

function Pause({ rollout: { id, share } }: { rollout: Rollout }): ReactNode {
  return (
    <ActButton label="Pause" title="Hold this release up" change={ACTS.steerRollout(id, "pause")}>
      <p>It stays with {share} %. It is still watched, and still taken back when it does harm.</p>
    </ActButton>
  );
}

function Resume({ rollout: { id } }: { rollout: Rollout }): ReactNode {
  return (
    <ActButton label="Resume" title="Let this release go on" change={ACTS.steerRollout(id, "resume")}>
      <p>It goes on from its step, which begins anew.</p>
    </ActButton>
  );
}
