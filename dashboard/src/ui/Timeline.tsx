/** What happened, in its order. @module */

import type { ReactNode } from "react";
import type { HealingEvent } from "../api/types.ts";
import { Ago, Badge } from "./Basics.tsx";
import { asWords, toneOf } from "./words.ts";

/** What a line of a timeline needs. */
export type TimelineEvent =
  & Pick<
    HealingEvent,
    "id" | "created_at" | "event_type" | "result" | "message"
  >
  & Partial<HealingEvent>;

/** Events as a list; what came with one is there when asked for. */
export function Timeline(
  { events }: { events: readonly TimelineEvent[] },
): ReactNode {
  return (
    <ol className="timeline">
      {events.map((event) => (
        <li key={event.id} className={`timeline-item ${toneOf(event.result)}`}>
          <span className="timeline-head">
            <b>{asWords(event.event_type)}</b>
            {event.result !== "pending" && <Badge state={event.result} />}
            {(event.occurrences ?? 1) > 1 && <span className="quiet-text">{event.occurrences} times</span>}
            <Ago at={event.created_at} />
          </span>
          {event.message !== "" && <p className="as-written">{event.message}</p>}
          {event.trace_id && (
            <p className="quiet-text">
              trace <code>{event.trace_id}</code>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
