/** One question: what exactly would happen, why a person is asked, what else could be done, and the answer. @module */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ACTS, getApprovalAction } from "../api/actions.ts";
import { usePollInterval } from "../api/queries.ts";
import type { Approval } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { useApp } from "../app/session.tsx";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Empty, type Fact, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Changes } from "../ui/Changes.tsx";
import { asText, asWords, percent, times } from "../ui/words.ts";

export default function ApprovalDetail({ id }: PageProps): ReactNode {
  const { client } = useApp();
  const refetchInterval = usePollInterval();
  const query = useQuery({
    queryKey: ["approval", id],
    queryFn: () => getApprovalAction(client, id),
    refetchInterval,
  });
  return (
    <Async query={query}>
      {(approval) =>
        approval === null
          ? (
            <Empty title="There is no such question">
              It may have been removed with its error. <a href={linkTo("approvals")}>All questions</a>
            </Empty>
          )
          : <Question approval={approval} />}
    </Async>
  );
}

function Question({ approval }: { approval: Approval }): ReactNode {
  const { fix, status } = approval;
  return (
    <>
      <PageHead
        back={["Approvals", linkTo("approvals")]}
        title={approval.what_will_happen}
        badge={<Badge state={status} />}
        lead={approval.reason}
      >
        {status === "pending" && <Answers approval={approval} />}
      </PageHead>
      {status !== "pending" && <Answer approval={approval} />}
      <Section title="What exactly would change">
        <Changes preview={approval.preview} />
        <Stored title="The fix as it is stored" value={fix.action} />
      </Section>
      <Section title="Why">
        <Facts items={factsOf(approval)} />
        <Stored title="Evidence" value={fix.evidence} />
      </Section>
      {approval.alternatives.length > 0 && <Alternatives approval={approval} />}
    </>
  );
}

function factsOf({ fix, error, ...approval }: Approval): Fact[] {
  return [
    ["Error", <a key="e" href={linkTo(`errors/${approval.detected_error_id}`)}>{error.error_message}</a>],
    ["Seen", <Seen key="s" n={error.occurrence_count} at={error.last_seen_at} />],
    ["Function", error.function_name],
    ["Why this fix", fix.reason],
    ["Kind", asWords(fix.action_kind)],
    ["Target", <code key="t">{fix.target}</code>],
    ["Risk", <Badge key="r" state={fix.risk} />],
    ["Found by", fix.tier],
    ["Confidence", percent(fix.confidence)],
    ["Expires", <Ago key="x" at={approval.expires_at} />],
    ["Fix", <a key="f" href={linkTo(`fixes/${approval.auto_fix_id}`)}>its life and evidence</a>],
  ];
}

function Seen({ n, at }: { n: number; at: string }): ReactNode {
  return (
    <>
      {times(n)}, last <Ago at={at} />
    </>
  );
}

function Answers({ approval }: { approval: Approval }): ReactNode {
  return (
    <>
      <ActButton
        label="Reject"
        kind="danger"
        title="Reject this fix"
        change={ACTS.reject(approval.id)}
      >
        <p>
          Nothing is changed. The error stays with people, and the pattern learns from your no.
        </p>
      </ActButton>
      <ActButton
        label="Approve"
        kind="primary"
        title="Approve this fix"
        change={ACTS.approve(approval.id, approval.preview_key)}
      >
        <p className="sentence">{approval.what_will_happen}</p>
        <p>
          It is rehearsed once more, applied, probed, and taken back by itself if the error returns. If
          anything else than what you see here would change, you are asked again.
        </p>
      </ActButton>
    </>
  );
}

function Answer({ approval }: { approval: Approval }): ReactNode {
  return (
    <p className="notice">
      <Badge state={approval.status} />{" "}
      {approval.decided_by === null ? "Nobody decided" : `by ${approval.decided_by}`},{" "}
      <Ago at={approval.decided_at} />
      {approval.decision_reason !== null && <>: {approval.decision_reason}</>}.{" "}
      <a
        href={linkTo(`fixes/${approval.chosen_fix_id ?? approval.auto_fix_id}`)}
      >
        See the fix
      </a>
    </p>
  );
}

function Alternatives({ approval }: { approval: Approval }): ReactNode {
  return (
    <Section title="What else could be done">
      <ol className="alternatives">
        {approval.alternatives.map(({ action, ...about }, index) => (
          <li key={index}>
            <div>
              <b>{asWords(asText(action.kind))}</b>
              <p>
                {asText(about.what_will_happen ?? about.reason ?? about.target)}
              </p>
              <Stored title="As it is stored" value={action} />
            </div>
            {approval.status === "pending" && (
              <ActButton
                label="Choose this"
                title="Choose this fix instead"
                change={ACTS.chooseAlternative(approval.id, index + 1)}
              >
                <p>{asText(about.what_will_happen ?? about.reason)}</p>
                <p>
                  It takes the road of any approved fix: applied, probed, and taken back if it does not help.
                </p>
              </ActButton>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
