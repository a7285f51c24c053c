/** What a person has to do, the most urgent first. @module */

import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ACTS, markNotificationsRead } from "../../api/actions.ts";
import type { Waiting as WaitingData } from "../../api/pageTypes.ts";
import { linkTo } from "../../app/router.ts";
import { useApp } from "../../app/session.tsx";
import { ActButton } from "../../ui/ActButton.tsx";
import { Ago, Badge, Section } from "../../ui/Basics.tsx";
import { count, times } from "../../ui/words.ts";

/** The list of what waits, or that nothing does. */
export function Waiting({ waiting }: { waiting: WaitingData }): ReactNode {
  const { approvals, escalated, operations, notifications, security } = waiting;
  const isEmpty = approvals.total + escalated.total + operations + notifications.total ===
      0 && !security.hold;
  return (
    <Section title="Needs a person">
      {isEmpty && <p className="all-well">Nothing waits for you.</p>}
      <ul className="todo">
        {security.hold && <Burst reason={security.reason} />}
        {approvals.first.map((one) => (
          <Item
            key={one.id}
            href={linkTo(`approvals/${one.id}`)}
            state={one.risk}
            label={`${one.risk} risk`}
            title={one.what_will_happen}
          >
            Approve or reject; it expires <Ago at={one.expires_at} />
          </Item>
        ))}
        <More
          total={approvals.total}
          shown={approvals.first.length}
          what="questions"
          href={linkTo("approvals")}
        />
        {escalated.first.map((one) => (
          <Item
            key={one.id}
            href={linkTo(`errors/${one.id}`)}
            state="escalated"
            title={one.error_message}
          >
            {one.resolution ?? "No fix was found"}; seen {times(one.occurrence_count)}, last{" "}
            <Ago at={one.last_seen_at} />
          </Item>
        ))}
        <More
          total={escalated.total}
          shown={escalated.first.length}
          what="errors that were handed over"
          href={linkTo("errors", { status: "escalated" })}
        />
        {operations > 0 && (
          <Item
            href={linkTo("queue", { status: "needs_person" })}
            state="needs_person"
            title={operations === 1
              ? "A call waits for a decision"
              : `${operations} calls wait for a decision`}
          >
            Make it again, or discard it
          </Item>
        )}
      </ul>
      <Notices notices={notifications} />
    </Section>
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

function Notices(
  { notices: { total, first } }: { notices: WaitingData["notifications"] },
): ReactNode {
  const { client } = useApp();
  const queries = useQueryClient();
  if (total === 0) return null;
  async function read(ids: readonly string[]): Promise<void> {
    await markNotificationsRead(client, ids);
    await queries.invalidateQueries();
  }
  return (
    <details className="notices">
      <summary>
        {count(total)} unread {total === 1 ? "notification" : "notifications"}
      </summary>
      <ul className="todo">
        {first.map((one) => (
          <li key={one.id}>
            <Badge state={one.severity} />
            <div className="todo-text">
              <b>{one.title}</b>
              <p className="as-written">{one.body}</p>
              <p className="quiet-text">
                {one.occurrence_count > 1 &&
                  `${one.occurrence_count} times, last `}
                <Ago at={one.last_seen_at} />
              </p>
            </div>
            <button type="button" onClick={() => void read([one.id])}>
              Mark as read
            </button>
          </li>
        ))}
      </ul>
      {first.length > 1 && (
        <button
          type="button"
          onClick={() => void read(first.map(({ id }) => id))}
        >
          Mark these as read
        </button>
      )}
    </details>
  );
}
