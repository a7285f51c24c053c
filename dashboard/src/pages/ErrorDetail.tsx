/** One error: what it is, how often it comes, what was tried and why, and what a person can decide. @module */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ACTS, getHealingEventsAction } from "../api/actions.ts";
import { usePollInterval, useRead } from "../api/queries.ts";
import type { Cursor, ErrorGroup } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { useApp } from "../app/session.tsx";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Code, Empty, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Plot } from "../ui/Plot.tsx";
import { Table } from "../ui/Table.tsx";
import { Timeline } from "../ui/Timeline.tsx";
import { asText, asWords, count, times } from "../ui/words.ts";
import { FIX_COLUMNS } from "./lines.tsx";

export default function ErrorDetail({ id }: PageProps): ReactNode {
  const query = useRead("get_error_group", { p_error_id: id });
  return <Async query={query}>{(group) => <Group group={group} />}</Async>;
}

function Group({ group }: { group: ErrorGroup }): ReactNode {
  const { error, fixes, merged } = group;
  return (
    <>
      <PageHead
        back={["Errors", linkTo("errors")]}
        title={<span className="as-written">{error.error_message}</span>}
        badge={<Badge state={error.status} />}
        lead={nextOf(group)}
      >
        <Decisions group={group} />
      </PageHead>
      <Section title="What was tried, and why">
        {fixes.length === 0 ? <Empty title="Nothing yet">{nothingTried(group)}</Empty> : (
          <Table
            label="Fixes of this error"
            columns={FIX_COLUMNS}
            rows={fixes}
          />
        )}
      </Section>
      <Days days={group.days} />
      <About group={group} />
      {group.analysis !== null && <Analysis analysis={group.analysis} />}
      <Merged merged={merged} />
      <Happened errorId={error.id} />
    </>
  );
}

function Merged({ merged }: { merged: ErrorGroup["merged"] }): ReactNode {
  if (merged.length === 0) return null;
  return (
    <Section title="Merged into this one">
      <ul className="plain-list">
        {merged.map((one) => (
          <li key={one.id}>
            {one.error_message} <span className="quiet-text">{times(one.occurrence_count)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function nextOf({ error, approvals }: ErrorGroup): ReactNode {
  const question = approvals.find(({ status }) => status === "pending");
  if (question !== undefined) {
    return (
      <a href={linkTo(`approvals/${question.id}`)}>
        A fix waits for your answer
      </a>
    );
  }
  if (error.resolution !== null) return error.resolution;
  if (error.status !== "open") return null;
  const isDue = Date.parse(error.next_attempt_at) <= Date.now();
  return isDue ? "The engine takes it up in its next run." : (
    <>
      The engine takes it up <Ago at={error.next_attempt_at} />.
    </>
  );
}

function nothingTried({ error }: ErrorGroup): string {
  if (error.status === "open") {
    return "The engine has not taken it up yet; it runs every five minutes, and at once for a new kind of error.";
  }
  return error.resolution ?? "Nobody knew a fix for it.";
}

function Decisions({ group: { error } }: { group: ErrorGroup }): ReactNode {
  if (
    ["healing", "validating", "awaiting_approval", "merged"].includes(
      error.status,
    )
  ) return null;
  if (error.status !== "open") {
    return (
      <ActButton
        label="Look again"
        title="Have the engine look at it again"
        change={ACTS.decideError(error.id, "reopen")}
      >
        <p>Its attempts begin anew.</p>
      </ActButton>
    );
  }
  return (
    <>
      <ActButton
        label="Ignore"
        title="Leave this error alone"
        change={ACTS.decideError(error.id, "ignore")}
      >
        <p>
          It is counted further, and nothing is done about it, until somebody has it looked at again.
        </p>
      </ActButton>
      <ActButton
        label="Solved"
        kind="primary"
        title="Say that this error is solved"
        change={ACTS.decideError(error.id, "resolve")}
      >
        <p>When it comes again, it is a new error.</p>
      </ActButton>
    </>
  );
}

function Days({ days }: { days: ErrorGroup["days"] }): ReactNode {
  if (days.every(({ n }) => n === 0)) return null;
  return (
    <Section title="Occurrences in two weeks">
      <Plot
        label="Occurrences of this error by day"
        x={days.map(({ at }) => at)}
        series={[{
          label: "Occurrences",
          values: days.map(({ n }) => n),
          colour: "b",
          kind: "bars",
        }]}
        format={count}
        range={[0, 4]}
        height={140}
      />
    </Section>
  );
}

function About(
  { group: { error, operations, patterns } }: { group: ErrorGroup },
): ReactNode {
  const waiting = Object.entries(operations).map(([status, n]) => `${n} ${asWords(status)}`).join(", ");
  return (
    <Section title="What it is">
      <Facts
        items={[
          ["Type", asWords(error.error_type)],
          ["Code", error.error_code],
          ["Category", asWords(error.category)],
          ["Severity", error.severity],
          ["Function", error.function_name],
          ["Project", error.project_id === "" ? "–" : error.project_id],
          ["Seen", times(error.occurrence_count)],
          ["First", <Ago key="f" at={error.first_seen_at} />],
          ["Last", <Ago key="l" at={error.last_seen_at} />],
          [
            "Waiting calls",
            waiting === "" ? "none" : <a key="w" href={linkTo("queue")}>{waiting}</a>,
          ],
          [
            "Patterns",
            patterns.length === 0 ? "none" : patterns.map((one) => (
              <span key={one.id} className="stacked">
                <a href={linkTo(`patterns/${one.id}`)}>{one.pattern_name}</a>, score{" "}
                {one.confidence_score.toFixed(2)}
              </span>
            )),
          ],
          ["Fingerprint", <code key="p">{error.fingerprint}</code>],
        ]}
      />
      {error.stack_trace !== null && <Code label="Stack trace">{error.stack_trace}</Code>}
      <Stored title="Context" value={error.context} />
    </Section>
  );
}

function Analysis(
  { analysis }: { analysis: NonNullable<ErrorGroup["analysis"]> },
): ReactNode {
  const said = analysis.analysis as Record<string, unknown> | null;
  return (
    <Section
      title="What a model said"
      aside={
        <span className="quiet-text">
          {analysis.model} <Ago at={analysis.asked_at} />
        </span>
      }
    >
      <p className="as-written">
        {said === null ? analysis.reason : asText(said.explanation ?? said.summary)}
      </p>
      <Stored title="All of it" value={said} />
    </Section>
  );
}

function Happened({ errorId }: { errorId: string }): ReactNode {
  const { client } = useApp();
  const [after, setAfter] = useState<Cursor>();
  const refetchInterval = usePollInterval();
  const filter = { detected_error_id: errorId, limit: 25, ...(after === undefined ? {} : { after }) };
  const query = useQuery({
    queryKey: ["events", filter],
    queryFn: () => getHealingEventsAction(client, filter),
    refetchInterval,
  });
  return (
    <Section title="What happened">
      <Async query={query}>
        {({ rows, next }) => (
          <>
            <Timeline events={rows} />
            <nav className="pager" aria-label="Pages of what happened">
              {after !== undefined && (
                <button type="button" onClick={() => setAfter(undefined)}>Newest</button>
              )}
              {next !== null && <button type="button" onClick={() => setAfter(next)}>Older</button>}
            </nav>
          </>
        )}
      </Async>
    </Section>
  );
}
