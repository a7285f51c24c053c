/** The small parts that every page is made of. @module */

import { type ReactNode, useEffect, useId, useState } from "react";
import { asWords, moment, relativeTime, type Tone, toneOf } from "./words.ts";

/** A state as a coloured word; the word says it too, so nobody depends on the colour. */
export function Badge(
  { state, tone, label }: { state: string; tone?: Tone; label?: string },
): ReactNode {
  return (
    <span className={`badge ${tone ?? toneOf(state)}`}>
      {label ?? asWords(state)}
    </span>
  );
}

function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long ago something was, with the moment itself in the title. */
export function Ago({ at }: { at: string | null | undefined }): ReactNode {
  const now = useNow(10_000);
  if (at === null || at === undefined) {
    return <span className="quiet-text">–</span>;
  }
  return (
    <time dateTime={at} title={moment(at)}>
      {relativeTime(at, Math.max(now, Date.now()))}
    </time>
  );
}

/** A titled part of a page. */
export function Section(
  { title, aside, children, id }: {
    title: string;
    aside?: ReactNode;
    children: ReactNode;
    id?: string;
  },
): ReactNode {
  const heading = useId();
  return (
    <section className="section" aria-labelledby={heading} id={id}>
      <header className="section-head">
        <h2 id={heading}>{title}</h2>
        {aside !== undefined && <div className="section-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** What stands at the top of a page. */
export interface PageHeadProps {
  title: ReactNode;
  /** A state, shown before the lead. */
  badge?: ReactNode;
  lead?: ReactNode;
  back?: [string, string];
  /** What can be done. */
  children?: ReactNode;
}

/** The title of a page, what it is for, and what can be done on it. */
export function PageHead({ title, badge, lead, back, children }: PageHeadProps): ReactNode {
  return (
    <header className="page-head">
      <div>
        {back !== undefined && <a className="back" href={back[1]}>← {back[0]}</a>}
        <h1 className={typeof title === "string" ? "sentence" : undefined}>{title}</h1>
        {(lead ?? badge) !== undefined && <p className="lead">{badge} {lead}</p>}
      </div>
      {children !== undefined && <div className="page-actions">{children}</div>}
    </header>
  );
}

/** What there is when there is nothing: what would be here, and how it comes here. */
export function Empty(
  { title, children }: { title: string; children?: ReactNode },
): ReactNode {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="empty-text">{children}</div>}
    </div>
  );
}

/** A name and its value. */
export type Fact = readonly [string, ReactNode];

/** Names and values. */
export function Facts({ items }: { items: readonly Fact[] }): ReactNode {
  return (
    <dl className="facts">
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Text of a machine, as it stands: React writes it as text, whatever it contains. */
export function Code(
  { children, label }: { children: string; label?: string },
): ReactNode {
  return (
    <pre
      className="code"
      tabIndex={0}
      role="region"
      aria-label={label ?? "Text"}
    >{children}</pre>
  );
}

/** A value as it is stored, shown when asked for. */
export function Stored(
  { title, value }: { title: string; value: unknown },
): ReactNode {
  if (value === null || value === undefined || JSON.stringify(value) === "{}") {
    return null;
  }
  return (
    <details className="stored">
      <summary>{title}</summary>
      <Code label={title}>{JSON.stringify(value, null, 2)}</Code>
    </details>
  );
}

/** A share as a bar with its figure. */
export function Meter(
  { value, mark, label }: { value: number; mark?: number; label: string },
): ReactNode {
  const width = `${Math.round(Math.min(Math.max(value, 0), 1) * 100)}%`;
  return (
    <span
      className="meter"
      role="img"
      aria-label={`${label} ${value.toFixed(2)}`}
    >
      <span className="meter-track">
        <span className="meter-fill" style={{ width }} />
        {mark !== undefined && <span className="meter-mark" style={{ left: `${mark * 100}%` }} />}
      </span>
      <span className="num">{value.toFixed(2)}</span>
    </span>
  );
}
