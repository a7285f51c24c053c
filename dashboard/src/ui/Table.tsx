/** Lists: a table on a wide screen, cards on a phone; a page at a time. @module */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Cursor, Page } from "../api/types.ts";
import { type Place, setParams } from "../app/router.ts";
import { Async } from "./Async.tsx";

/** A column: its head, what stands in it, and whether that is a figure. */
export interface Column<Row> {
  head: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  /** The column that a narrow table can spare. */
  isSpare?: boolean;
}

/** A table of rows; the link of a row reaches over all of it. */
export function Table<Row extends { id?: string }>(
  { label, columns, rows, keyOf }: {
    label: string;
    columns: readonly Column<Row>[];
    rows: readonly Row[];
    keyOf?: (row: Row) => string;
  },
): ReactNode {
  return (
    <div className="table-frame">
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ head, isNumber, isSpare }) => (
              <th key={head} scope="col" className={classOf(isNumber, isSpare)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <Line
              key={keyOf?.(row) ?? row.id ?? index}
              row={row}
              columns={columns}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line<Row>(
  { row, columns }: { row: Row; columns: readonly Column<Row>[] },
): ReactNode {
  return (
    <tr>
      {columns.map(({ head, cell, isNumber, isSpare }) => (
        <td key={head} data-label={head} className={classOf(isNumber, isSpare)}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}

function classOf(isNumber = false, isSpare = false): string {
  return [isNumber ? "num" : "", isSpare ? "spare" : ""].join(" ").trim();
}

/** The cursor of a place's page. */
export function readCursor({ params }: Place): Cursor | undefined {
  const [at, id] = (params.get("after") ?? "").split("~");
  return at && id ? { at, id } : undefined;
}

/** A list with what there is to say when it is empty, and the way to its other pages. */
export function PagedTable<Row extends { id?: string }>(
  { query, place, label, columns, empty }: {
    query: UseQueryResult<Page<Row>>;
    place: Place;
    label: string;
    columns: readonly Column<Row>[];
    empty: ReactNode;
  },
): ReactNode {
  return (
    <Async query={query}>
      {({ rows, next }) => (
        <>
          {rows.length === 0 ? empty : <Table label={label} columns={columns} rows={rows} />}
          <Pager place={place} next={next} />
        </>
      )}
    </Async>
  );
}

/** The ways to the other pages; none when there is only one. */
export function Pager(
  { place, next }: { place: Place; next: Cursor | null },
): ReactNode {
  const isFirst = !place.params.has("after");
  if (isFirst && next === null) return null;
  return (
    <nav className="pager" aria-label="Pages">
      <button
        type="button"
        disabled={isFirst}
        onClick={() => setParams(place, {})}
      >
        Newest
      </button>
      <button type="button" disabled={isFirst} onClick={() => history.back()}>
        Back
      </button>
      <button
        type="button"
        disabled={next === null}
        onClick={() => next !== null && setParams(place, { after: `${next.at}~${next.id}` })}
      >
        Older
      </button>
    </nav>
  );
}
