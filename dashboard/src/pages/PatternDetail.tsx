/** One pattern: how its trust went and why, and what a person may decide about it. @module */

import type { ReactNode } from "react";
import { ACTS } from "../api/actions.ts";
import { useRead } from "../api/queries.ts";
import type { PatternDetail as Detail } from "../api/learnedTypes.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Code, Empty, type Fact, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Plot, type Series } from "../ui/Plot.tsx";
import { Table } from "../ui/Table.tsx";
import { asWords, count, share } from "../ui/words.ts";
import { FIX_COLUMNS } from "./lines.tsx";
import { Trust, TRUSTED_SCORE } from "./Patterns.tsx";

export default function PatternDetail({ id }: PageProps): ReactNode {
  const query = useRead("get_learned_pattern", { p_pattern_id: id });
  return <Async query={query}>{(detail) => <Learned detail={detail} />}</Async>;
}

function Learned({ detail }: { detail: Detail }): ReactNode {
  const { pattern, fixes } = detail;
  return (
    <>
      <PageHead
        back={["Patterns", linkTo("patterns")]}
        title={<>{pattern.pattern_name}</>}
        badge={<Trust pattern={pattern} />}
        lead={pattern.trust_reason ?? pattern.retired_because ??
          standing(detail)}
      >
        <Decisions detail={detail} />
      </PageHead>
      <Score detail={detail} />
      <Section title="What it knows">
        <Code label="Error signature">{pattern.error_signature}</Code>
        <Facts items={factsOf(pattern)} />
        <Stored title="The fix as it is stored" value={pattern.fix_strategy} />
      </Section>
      <History detail={detail} />
      {fixes.length > 0 && (
        <Section title="Its last fixes">
          <Table
            label="Fixes of this pattern"
            columns={FIX_COLUMNS}
            rows={fixes}
          />
        </Section>
      )}
    </>
  );
}

function factsOf(pattern: Detail["pattern"]): Fact[] {
  const { success_count: won, failure_count: lost } = pattern;
  return [
    ["Fix", asWords(pattern.action_kind ?? "–")],
    ["Score", share(pattern.confidence_score)],
    ["Chance that it is of no use", share(pattern.probability_ineffective)],
    ["Worked", `${count(won)} of ${count(won + lost)}`],
    ["Failures in a row", count(pattern.consecutive_failures)],
    ["Category", asWords(pattern.category)],
    ["From", pattern.origin],
    ["Last used", <Ago key="u" at={pattern.last_used_at} />],
  ];
}

function standing(
  { pattern: { auto_fixable: isTrusted, success_count: n } }: Detail,
): string {
  if (isTrusted) {
    return "Its evidence lets it act alone; three failures in a row take that away.";
  }
  return `It has worked ${n} times; a person is asked until the evidence is strong enough.`;
}

function Decisions({ detail: { pattern } }: { detail: Detail }): ReactNode {
  return (
    <>
      {pattern.trust_decision !== "demoted" && pattern.auto_fixable && (
        <ActButton
          label="Demote"
          kind="danger"
          title="Take away its right to act alone"
          change={ACTS.demotePattern(pattern.id)}
        >
          <p>
            From now on a person is asked before this fix is made. No evidence gives the right back, only a
            promotion.
          </p>
        </ActButton>
      )}
      {!pattern.auto_fixable && (
        <ActButton
          label="Promote"
          kind="primary"
          title="Let it act alone"
          change={ACTS.promotePattern(pattern.id)}
        >
          <p>
            From now on this fix is made without asking, until its own evidence speaks for itself. Three
            failures in a row demote it.
          </p>
        </ActButton>
      )}
    </>
  );
}

function Score({ detail: { evidence } }: { detail: Detail }): ReactNode {
  if (evidence.length === 0) {
    return (
      <Section title="Trust over time">
        <Empty title="No outcome yet">Each fix that is kept or taken back is one outcome.</Empty>
      </Section>
    );
  }
  return (
    <Section title="Trust over time" aside={<span className="quiet-text">score after each outcome</span>}>
      <Plot
        label="The score of this pattern after each outcome"
        x={[
          0,
          ...evidence.map((_, index) =>
            index + 1
          ),
        ]}
        series={linesOf(evidence)}
        format={share}
        range={[0, 1]}
        height={220}
      />
      <Outcomes evidence={evidence} />
    </Section>
  );
}

function linesOf(evidence: Detail["evidence"]): Series[] {
  const label = `may act alone (${TRUSTED_SCORE}, and certain enough)`;
  return [
    { label: "Score", values: [0.5, ...evidence.map(({ score }) => score)], colour: "a" },
    { label, values: [0, ...evidence].map(() => TRUSTED_SCORE), colour: "mark", kind: "dashes" },
  ];
}

function Outcomes({ evidence }: { evidence: Detail["evidence"] }): ReactNode {
  return (
    <p className="outcomes" role="group" aria-label="Outcomes in their order">
      {evidence.map(({ at, succeeded }, index) => (
        <span key={index} className={succeeded ? "dot good" : "dot bad"} title={at}>
          {succeeded ? "✓" : "✗"}
        </span>
      ))}
    </p>
  );
}

function History({ detail: { changes } }: { detail: Detail }): ReactNode {
  if (changes.length === 0) return null;
  return (
    <Section title="Decisions about it">
      <ol className="timeline">
        {changes.toReversed().map((one) => (
          <li
            key={one.id}
            className={`timeline-item ${one.auto_fixable ? "good" : "warn"}`}
          >
            <span className="timeline-head">
              <b>{asWords(one.change)}</b>
              <Badge state={one.actor} tone="quiet" label={one.actor} />
              <Ago at={one.changed_at} />
            </span>
            <p className="as-written">{one.reason}</p>
            <p className="quiet-text">
              score {share(one.confidence_score)}, {count(one.success_count)} worked,{" "}
              {count(one.failure_count)} did not
            </p>
          </li>
        ))}
      </ol>
    </Section>
  );
}
