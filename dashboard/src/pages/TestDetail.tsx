/** One regression test and its last runs. @module */

import type { ReactNode } from "react";
import { useRead } from "../api/queries.ts";
import type { TestDetail as Detail } from "../api/types.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Code, Empty, type Fact, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { Table } from "../ui/Table.tsx";
import { asText, count, duration } from "../ui/words.ts";

export default function TestDetail({ id }: PageProps): ReactNode {
  const query = useRead("get_test", { p_test_id: id });
  return <Async query={query}>{(detail) => <Test detail={detail} />}</Async>;
}

function Test({ detail: { test, results } }: { detail: Detail }): ReactNode {
  return (
    <>
      <PageHead
        back={["Tests", linkTo("tests")]}
        title={test.test_name}
        badge={<Badge state={test.status} />}
        lead={test.status_reason ?? test.last_reason}
      />
      <Section title="Last runs">
        {results.length === 0
          ? <Empty title="It has not run yet">The test runner comes every hour.</Empty>
          : <Results results={results} />}
      </Section>
      <Section title="What it asks">
        <Facts items={factsOf(test)} />
        <Code label="Prompt">{test.test_prompt}</Code>
        <Stored title="Request" value={test.request} />
        <Stored title="What the answer must be" value={test.expected_behavior} />
        {test.test_code !== null && <Code label="Code">{test.test_code}</Code>}
      </Section>
    </>
  );
}

function factsOf(test: Detail["test"]): Fact[] {
  return [
    ["Target", test.target_function ?? test.test_file],
    ["Kind", test.test_type],
    ["Error", test.error_type],
    ["Passed", `${count(test.pass_count)} of ${count(test.run_count)}`],
    ["Flaky", count(test.flaky_count)],
    ["Next run", <Ago key="n" at={test.next_run_at} />],
  ];
}

function Results({ results }: { results: Detail["results"] }): ReactNode {
  return (
    <Table
      label="Runs of this test"
      rows={results}
      columns={[
        { head: "Result", cell: ({ status }) => <Badge state={status} /> },
        {
          head: "Why",
          cell: ({ reasons }) =>
            Array.isArray(reasons) ? reasons.map((one) => asText(one)).join("; ") : asText(reasons),
        },
        {
          head: "Answer",
          cell: ({ http_status: status }) => status ?? "–",
          isNumber: true,
        },
        {
          head: "Took",
          cell: ({ duration_ms: ms }) => duration(ms === null ? null : ms / 1_000),
          isNumber: true,
        },
        { head: "When", cell: ({ executed_at: at }) => <Ago at={at} /> },
      ]}
    />
  );
}
