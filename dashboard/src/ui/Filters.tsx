/** Filters that live in the address, so that what is seen can be sent as a link. @module */

import { type ReactNode, useEffect, useId, useState } from "react";
import { type Place, setParams } from "../app/router.ts";
import { asWords } from "./words.ts";

/** A choice between values of one filter. */
export function Choice(
  { place, name, label, options, none = "all" }: {
    place: Place;
    name: string;
    label: string;
    options: readonly (string | [string, string])[];
    /** What it means when nothing is chosen. */
    none?: string;
  },
): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={place.params.get(name) ?? ""}
        onChange={(event) => setParams(place, { [name]: event.target.value })}
      >
        <option value="">{none}</option>
        {options.map((option) => {
          const [value, text] = typeof option === "string" ? [option, asWords(option)] : option;
          return <option key={value} value={value}>{text}</option>;
        })}
      </select>
    </div>
  );
}

const PAUSE_MS = 300;

/** Words to look for; asked for when the typing pauses. */
export function Search(
  { place, label }: { place: Place; label: string },
): ReactNode {
  const id = useId();
  const asked = place.params.get("search") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(
      () => setParams(place, { search: text.trim() }),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="field grow">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}

/** The filters of a list. */
export function Filters({ children }: { children: ReactNode }): ReactNode {
  return <div className="filters" role="search">{children}</div>;
}

/** The filters that a list takes, as its function gets them; what is not set is left out. */
export function filterOf(
  { params }: Place,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = params.get(name);
    return value === null || value === "" ? [] : [[name, value]];
  }));
}
