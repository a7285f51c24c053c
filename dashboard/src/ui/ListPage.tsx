/** A page that is a list: what it is for, its filters, its rows, and what there is to say when there are none. @module */

import type { ReactNode } from "react";
import type { Lists } from "../api/actions.ts";
import { useList } from "../api/queries.ts";
import type { Place } from "../app/router.ts";
import { Empty, PageHead } from "./Basics.tsx";
import { Choice, filterOf, Filters, Search } from "./Filters.tsx";
import { type Column, PagedTable, readCursor } from "./Table.tsx";

/** One filter of a list. */
export interface FilterSpec {
  name: string;
  label: string;
  options: readonly (string | [string, string])[];
  /** What it means when nothing is chosen. */
  none?: string;
}

/** What makes a list a page. */
export interface ListSpec<Name extends keyof Lists> {
  list: Name;
  title: string;
  lead: string;
  /** The label of the field for words; without it there is none. */
  search?: string;
  filters: readonly FilterSpec[];
  columns: readonly Column<Lists[Name]>[];
  empty: { title: string; text: ReactNode };
}

/** The page of a list. */
export function ListPage<Name extends keyof Lists>(
  { spec, place, filter, actions }: {
    spec: ListSpec<Name>;
    place: Place;
    /** In the place of what the address says. */
    filter?: Record<string, string>;
    actions?: ReactNode;
  },
): ReactNode {
  const { list, title, lead, search, filters, columns, empty } = spec;
  const names = [...filters.map(({ name }) => name), ...(search === undefined ? [] : ["search"])];
  const query = useList(list, filter ?? filterOf(place, names), readCursor(place));
  return (
    <>
      <PageHead title={title} lead={lead}>{actions}</PageHead>
      <Filters>
        {search !== undefined && <Search place={place} label={search} />}
        {filters.map((one) => <Choice key={one.name} place={place} {...one} />)}
      </Filters>
      <PagedTable
        query={query}
        place={place}
        label={title}
        columns={columns}
        empty={<Empty title={empty.title}>{empty.text}</Empty>}
      />
    </>
  );
}
