/** What was learned, and what may act on it alone. @module */

import { type ReactNode, useState } from "react";
import { readWhole } from "../api/actions.ts";
import type { PatternLine } from "../api/learnedTypes.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { useApp } from "../app/session.tsx";
import { Ago, Badge, Meter } from "../ui/Basics.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import type { Column } from "../ui/Table.tsx";
import { asWords, count } from "../ui/words.ts";

/** From this score on a pattern may act alone, when the bound holds too. */
export const TRUSTED_SCORE = 0.75;

const COLUMNS: readonly Column<PatternLine>[] = [
  {
    head: "Pattern",
    cell: ({ id, pattern_name: name, error_signature: signature }) => (
      <>
        <a className="row-link" href={linkTo(`patterns/${id}`)}>{name}</a>
        <span className="sub">{signature}</span>
      </>
    ),
  },
  { head: "Trust", cell: (one) => <Trust pattern={one} /> },
  {
    head: "Score",
    cell: ({ confidence_score: score }) => <Meter value={score} mark={TRUSTED_SCORE} label="Score" />,
  },
  { head: "Worked", cell: ({ success_count: n }) => count(n), isNumber: true },
  { head: "Did not", cell: ({ failure_count: n }) => count(n), isNumber: true },
  {
    head: "Fix",
    cell: ({ action_kind: kind }) => asWords(kind ?? "–"),
    isSpare: true,
  },
  { head: "From", cell: ({ origin }) => origin, isSpare: true },
  {
    head: "Used",
    cell: ({ last_used_at: at }) => <Ago at={at} />,
    isSpare: true,
  },
];

/** Whether a pattern may act alone, in a word. */
export function Trust(
  { pattern }: {
    pattern: Pick<PatternLine, "auto_fixable" | "status" | "trust_decision">;
  },
): ReactNode {
  if (pattern.status !== "active") {
    return <Badge state={pattern.status} tone="quiet" />;
  }
  if (pattern.trust_decision === "demoted") {
    return <Badge state="demoted" tone="warn" label="demoted by a person" />;
  }
  if (!pattern.auto_fixable) {
    return <Badge state="learning" tone="info" label="learning" />;
  }
  return (
    <Badge
      state="alone"
      tone="good"
      label={pattern.trust_decision === "promoted" ? "promoted" : "acts alone"}
    />
  );
}

const SPEC: ListSpec<"list_patterns"> = {
  list: "list_patterns",
  title: "Patterns",
  lead: "What was learned about errors and their fixes, and how far each may be trusted.",
  search: "Search name and signature",
  filters: [
    { name: "auto_fixable", label: "Trust", options: [["true", "acts alone"], ["false", "does not"]] },
    { name: "status", label: "State", options: ["active", "retired"] },
  ],
  columns: COLUMNS,
  empty: {
    title: "Nothing was learned yet",
    text:
      `Every fix that is kept or taken back teaches its pattern. A pattern acts alone from a score of ${TRUSTED_SCORE} on, when the ` +
      "chance that it helps in less than half of the cases is at most 1 %: six successes in a row.",
  },
};

export default function Patterns({ place }: PageProps): ReactNode {
  return <ListPage spec={SPEC} place={place} actions={<Export />} />;
}

function Export(): ReactNode {
  const { client } = useApp();
  const [problem, setProblem] = useState<string>();
  async function save(): Promise<void> {
    try {
      const patterns = await readWhole(client, "get_shareable_patterns", {});
      setProblem(
        patterns.length === 0 ? "No pattern has earned trust by its own evidence yet." : undefined,
      );
      if (patterns.length > 0) {
        download("healing-patterns.json", JSON.stringify(patterns, null, 2));
      }
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <div className="with-note">
      <button type="button" onClick={() => void save()}>
        Export trusted patterns
      </button>
      {problem !== undefined && <p className="quiet-text" role="status">{problem}</p>}
    </div>
  );
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    new Blob([text], { type: "application/json" }),
  );
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
