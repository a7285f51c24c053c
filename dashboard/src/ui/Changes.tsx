/** What a fix changes: the lines that go and the lines that come, and how many rows. @module */

import type { ReactNode } from "react";
import type { FixChanges, ObjectChange } from "../api/types.ts";
import { asText, asWords } from "./words.ts";

/** The changes that a rehearsal of the fix has shown. */
export function Changes({ preview }: { preview: FixChanges | null }): ReactNode {
  if (preview === null) {
    return (
      <p className="quiet-text">
        It could not be rehearsed, so nobody can say line by line what it would change.
      </p>
    );
  }
  const { objects, rows, more } = preview;
  if (objects.length === 0 && rows.length === 0) {
    return <p className="quiet-text">The rehearsal changed no object and no row.</p>;
  }
  return (
    <div className="changes">
      {objects.map((object) => <ObjectDiff key={`${object.class} ${object.name}`} object={object} />)}
      {rows.map((row, index) => <RowChange key={index} row={row} />)}
      {more !== undefined && <p className="quiet-text">And {more.objects} more, too many to show.</p>}
    </div>
  );
}

function ObjectDiff(
  { object: { class: kind, name, change, before, after } }: { object: ObjectChange },
): ReactNode {
  const kept = new Set(before.filter((line) => after.includes(line)));
  const lines: [string, string][] = [
    ...before.map((line): [string, string] => [kept.has(line) ? " " : "−", line]),
    ...after.filter((line) => !kept.has(line)).map((line): [string, string] => ["+", line]),
  ];
  return (
    <figure className="diff">
      <figcaption>
        <span className={`diff-${change}`}>{change}</span> {asWords(kind)} <code>{name}</code>
      </figcaption>
      <pre className="code" tabIndex={0} aria-label={`Changes of ${name}`}>
        {lines.map(([sign, line], index) => <DiffLine key={index} sign={sign} line={line} />)}
      </pre>
    </figure>
  );
}

const LINE_CLASSES: Readonly<Record<string, string>> = { "+": "line come", "−": "line go" };

/** A line of the catalogue may be a text of many lines, such as a function. */
function DiffLine({ sign, line }: { sign: string; line: string }): ReactNode {
  const text = line.trimEnd().replaceAll("\n", "\n  ");
  return <span className={LINE_CLASSES[sign] ?? "line"}>{`${sign} ${text}\n`}</span>;
}

function RowChange({ row }: { row: Record<string, unknown> }): ReactNode {
  return (
    <p className="row-change">
      {Object.entries(row).map(([key, value]) => (
        <span key={key}>
          {asWords(key)} <b>{asText(value)}</b>
        </span>
      ))}
    </p>
  );
}
