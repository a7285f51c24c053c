/** One fix: how far it is, what it changed, what proves it, and the way back. @module */

import type { ReactNode } from "react";
import { ACTS } from "../api/actions.ts";
import { useRead } from "../api/queries.ts";
import type { FixDetail as Detail } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, type Fact, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Changes } from "../ui/Changes.tsx";
import { Timeline } from "../ui/Timeline.tsx";
import { asText, asWords, duration, percent } from "../ui/words.ts";
import { decidedBy } from "./lines.tsx";

export default function FixDetail({ id }: PageProps): ReactNode {
  const query = useRead("get_fix", { p_fix_id: id });
  return <Async query={query}>{(detail) => <Life detail={detail} />}</Async>;
}

function Life({ detail }: { detail: Detail }): ReactNode {
  const { fix, events } = detail;
  return (
    <>
      <PageHead
        back={["Fixes", linkTo("fixes")]}
        title={fix.what_will_happen}
        badge={<Badge state={fix.status} />}
        lead={verdictOf(detail)}
      >
        <WayBack detail={detail} />
      </PageHead>
      <Steps detail={detail} />
      <TakenBack detail={detail} />
      <Section title="What it changes">
        <Changes preview={fix.preview} />
      </Section>
      <Why detail={detail} />
      {events.length > 0 && (
        <Section title="What happened">
          <Timeline events={events} />
        </Section>
      )}
    </>
  );
}

function Why({ detail }: { detail: Detail }): ReactNode {
  const { fix } = detail;
  return (
    <Section title="Why, and on what evidence">
      <Facts items={factsOf(detail)} />
      <Stored title="Evidence" value={fix.evidence} />
      <Stored title="Probe" value={fix.probe} />
      <Stored title="Proof by the operation that had failed" value={fix.proof} />
      <Stored title="Verdict" value={fix.verdict} />
      <Stored title="What followed" value={fix.aftermath} />
      <Stored title="The fix as it is stored" value={fix.action} />
      <Stored title="Rollback point" value={fix.rollback_point} />
    </Section>
  );
}

function factsOf(detail: Detail): Fact[] {
  const { fix, error } = detail;
  return [
    [
      "Error",
      error === null ? "–" : <a key="e" href={linkTo(`errors/${error.id}`)}>{error.error_message}</a>,
    ],
    ["Reason", fix.reason],
    ["Kind", asWords(fix.action_kind)],
    ["Target", <code key="t">{fix.target}</code>],
    ["Risk", <Badge key="r" state={fix.risk} />],
    ["Found by", fix.tier],
    ["Confidence", percent(fix.confidence)],
    ["Decided by", decidedBy(fix)],
    ["Took", duration(fix.duration_ms === null ? null : fix.duration_ms / 1_000)],
    ["Pattern", <PatternLink key="p" detail={detail} />],
  ];
}

function PatternLink({ detail: { pattern } }: { detail: Detail }): ReactNode {
  if (pattern === null) return "none yet";
  return (
    <a href={linkTo(`patterns/${pattern.id}`)}>
      {pattern.pattern_name}, score {pattern.confidence_score.toFixed(2)}
    </a>
  );
}

function verdictOf({ fix }: Detail): string {
  const verdict = fix.verdict as { reason?: unknown } | null;
  return verdict?.reason === undefined ? fix.reason : asText(verdict.reason);
}

function WayBack(
  { detail: { fix, revert_refusal: refusal, reverts } }: { detail: Detail },
): ReactNode {
  const pending = reverts.find(({ status }) => status === "pending");
  if (pending !== undefined) {
    return <Badge state="validating" label="is being taken back" />;
  }
  if (!["validating", "kept", "inconclusive"].includes(fix.status)) {
    const question = fix.status === "awaiting_approval"
      ? (
        <a className="button primary" href={linkTo("approvals")}>
          Answer the question
        </a>
      )
      : null;
    return question;
  }
  if (refusal !== null) {
    return <p className="quiet-text refusal">Cannot be taken back: {refusal}.</p>;
  }
  return (
    <ActButton
      label="Take it back"
      kind="danger"
      title="Take this fix back"
      change={ACTS.revertFix(fix.id)}
    >
      <p>
        What it changed is put back as it was, by the engine's next run. If somebody has changed the same
        object since, that is left alone, and you are told.
      </p>
    </ActButton>
  );
}

function Steps({ detail: { fix, approvals } }: { detail: Detail }): ReactNode {
  const asked = approvals[0];
  const steps: [string, string | null, string?][] = [
    ["Proposed", fix.created_at],
    ...(asked === undefined ? [] : [
      ["Asked a person", asked.requested_at] as [string, string],
      [
        asked.decided_at === null ? "Waits for an answer" : asWords(asked.status),
        asked.decided_at,
        asked.decided_by ?? undefined,
      ] as [string, string | null, string?],
    ]),
    ["Applied", fix.applied_at],
    ["Watched until", fix.validate_until],
    [
      fix.finished_at === null ? "Judged" : asWords(fix.status),
      fix.finished_at,
    ],
  ];
  return (
    <ol className="steps" aria-label="Lifecycle">
      {steps.map(([name, at, by]) => (
        <li key={name} className={at === null ? "step" : "step done"}>
          <b>{name}</b>
          <span>
            {at === null ? "not yet" : <Ago at={at} />}
            {by !== undefined && ` by ${by}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function TakenBack(
  { detail: { reverts, rollbacks } }: { detail: Detail },
): ReactNode {
  if (reverts.length + rollbacks.length === 0) return null;
  return (
    <Section title="Taken back">
      <ul className="plain-list">
        {rollbacks.map((one) => (
          <li key={one.id}>
            <Ago at={one.rolled_back_at} /> by {one.actor}: {one.reason}
          </li>
        ))}
        {reverts.map((one) => (
          <li key={one.id}>
            <Badge state={one.status} /> {one.requested_by} asked <Ago at={one.requested_at} />: {one.reason}
            {one.outcome !== null && <>({one.outcome})</>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
