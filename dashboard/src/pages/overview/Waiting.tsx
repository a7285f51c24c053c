/** What a person has to do, the most urgent first. @module */

import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ACTS, markNotificationsRead } from "../../api/actions.ts";
import type { Waiting as WaitingData } from "../../api/pageTypes.ts";
import type { Notice } from "../../api/types.ts";
import { linkTo } from "../../app/router.ts";
import { useApp } from "../../app/session.tsx";
import { ActButton } from "../../ui/ActButton.tsx";
import { Ago, Badge, Section } from "../../ui/Basics.tsx";
import { count, times } from "../../ui/words.ts";

/** The list of what waits, or that nothing does. */
export function Waiting({ waiting }: { waiting: WaitingData }): ReactNode {
  const { approvals, escalated, deployments, operations, notifications, security } = waiting;
  const total = approvals.total + escalated.total + deployments.total + operations + notifications.total;
  return (
    <Section title="Needs a person">
      {total === 0 && !security.hold && <p className="all-well">Nothing waits for you.</p>}
      <ul className="todo">
        {security.hold && <Burst reason={security.reason} />}
        <Questions approvals={approvals} />
        <Deployments deployments={deployments} />
        <Escalated escalated={escalated} />
        {operations > 0 && <Operations total={operations} />}
      </ul>
      <Notices notices={notifications} />
    </Section>
  );
}

function Questions({ approvals: { total, first } }: { approvals: WaitingData["approvals"] }): ReactNode {
  return (
    <>
      {first.map(({ id, risk, what_will_happen: what, expires_at: until }) => (
        <Item key={id} href={linkTo(`approvals/${id}`)} state={risk} label={`${risk} risk`} title={what}>
          Approve or reject; it expires <Ago at={until} />
        </Item>
      ))}
      <More total={total} shown={first.length} what="questions" href={linkTo("approvals")} />
    </>
  );
}

function Escalated({ escalated: { total, first } }: { escalated: WaitingData["escalated"] }): ReactNode {
  const href = linkTo("errors", { status: "escalated" });
  return (
    <>
      {first.map(({ id, error_message: message, resolution, occurrence_count: seen, last_seen_at: at }) => (
        <Item key={id} href={linkTo(`errors/${id}`)} state="escalated" title={message}>
          {resolution ?? "No fix was found"}; seen {times(seen)}, last <Ago at={at} />
        </Item>
      ))}
      <More total={total} shown={first.length} what="errors that were handed over" href={href} />
    </>
  );
}

function Deployments({ deployments }: { deployments: WaitingData["deployments"] }): ReactNode {
  const { total, first } = deployments;
  return (
    <>
      {first.map((
        { id, action, project_id: project, status, trigger_reason: why, reason, created_at: at },
      ) => (
        <Item key={id} href={linkTo(`deployments/${id}`)} state={status} label={action} title={why}>
          {project}: {reason}; asked for <Ago at={at} />
        </Item>
      ))}
      <More total={total} shown={first.length} what="deployments" href={linkTo("deployments")} />
    </>
  );
}

function Operations({ total }: { total: number }): ReactNode {
  const title = total === 1 ? "A call waits for a decision" : `${total} calls wait for a decision`;
  return (
    <Item href={linkTo("queue", { status: "needs_person" })} state="needs_person" title={title}>
      Make it again, or discard it
    </Item>
  );
}

function Item(
  { href, state, label, title, children }: {
    href: string;
    state: string;
    label?: string;
    title: string;
    children: ReactNode;
  },
): ReactNode {
  return (
    <li>
      <Badge state={state} {...(label === undefined ? {} : { label })} />
      <div className="todo-text">
        <a className="sentence" href={href}>{title}</a>
        <p>{children}</p>
      </div>
    </li>
  );
}

function More(
  { total, shown, what, href }: {
    total: number;
    shown: number;
    what: string;
    href: string;
  },
): ReactNode {
  return total > shown
    ? (
      <li>
        <a href={href}>{count(total - shown)} more {what}</a>
      </li>
    )
    : null;
}

function Burst({ reason }: { reason: string }): ReactNode {
  return (
    <li>
      <Badge state="critical" label="security" />
      <div className="todo-text">
        <b>Healing has stopped: a burst of refusals</b>
        <p>{reason}</p>
      </div>
      <ActButton
        label="I have looked"
        title="Let healing go on beside this burst"
        change={ACTS.acknowledgeBurst(60)}
        kind="primary"
      >
        <p>
          For an hour healing goes on. When the burst grows to twice its size, it stops again.
        </p>
      </ActButton>
    </li>
  );
}

function Notices({ notices: { total, first } }: { notices: WaitingData["notifications"] }): ReactNode {
  const { client } = useApp();
  const queries = useQueryClient();
  if (total === 0) return null;
  async function read(ids: readonly string[]): Promise<void> {
    await markNotificationsRead(client, ids);
    await queries.invalidateQueries();
  }
  return (
    <details className="notices">
      <summary>{count(total)} unread {total === 1 ? "notification" : "notifications"}</summary>
      <ul className="todo">
        {first.map((one) => <NoticeItem key={one.id} notice={one} onRead={() => void read([one.id])} />)}
      </ul>
      {first.length > 1 && (
        <button type="button" onClick={() => void read(first.map(({ id }) => id))}>Mark these as read</button>
      )}
    </details>
  );
}

function NoticeItem({ notice, onRead }: { notice: Notice; onRead: () => void }): ReactNode {
  const { severity, title, body, occurrence_count: seen, last_seen_at: at } = notice;
  return (
    <li>
      <Badge state={severity} />
      <div className="todo-text">
        <b>{title}</b>
        <p className="as-written">{body}</p>
        <p className="quiet-text">
          {seen > 1 && `${times(seen)}, last `}
          <Ago at={at} />
        </p>
      </div>
      <button type="button" onClick={onRead}>Mark as read</button>
    </li>
  );
}
