/** What stands around every page: the ways, what is wrong with the connection, who is signed in. @module */

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { CallError } from "../api/client.ts";
import { useLive } from "../api/live.ts";
import { useRead } from "../api/queries.ts";
import { linkTo, usePlace } from "./router.ts";
import { useApp } from "./session.tsx";
import { Mark } from "./SignIn.tsx";
import { showTheme, type ThemeChoice, useThemeChoice } from "./theme.ts";

const WAYS: readonly [path: string, name: string][] = [
  ["", "Overview"],
  ["approvals", "Approvals"],
  ["fixes", "Fixes"],
  ["errors", "Errors"],
  ["experiments", "Experiments"],
  ["patterns", "Patterns"],
  ["deployments", "Deployments"],
  ["tests", "Tests"],
  ["health", "Health & schedules"],
  ["queue", "Waiting calls"],
  ["settings", "Settings"],
];

/** The frame of the pages. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  useLive();
  const { parts } = usePlace();
  const [isOpen, setOpen] = useState(false);
  const place = parts.join("/");
  // Another page begins at its top, with the ways closed again on a phone.
  useEffect(() => {
    setOpen(false);
    globalThis.scrollTo(0, 0);
  }, [place]);
  return (
    <div className={isOpen ? "shell open" : "shell"}>
      <a className="skip" href="#content" onClick={skip}>To the content</a>
      <header className="top">
        <button
          type="button"
          className="menu"
          aria-expanded={isOpen}
          aria-controls="ways"
          onClick={() => setOpen(!isOpen)}
        >
          <span aria-hidden="true">☰</span> Menu
        </button>
        <a className="brand" href="#/">
          <Mark /> Healing
        </a>
      </header>
      <aside className="side" id="ways">
        <Ways current={parts[0] ?? ""} />
        <Person />
      </aside>
      <main className="content" id="content" tabIndex={-1}>
        <Connection />
        {children}
      </main>
    </div>
  );
}

/** The place is kept in the hash, so the link moves the focus and not the address. */
function skip(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Ways({ current }: { current: string }): ReactNode {
  const { data } = useRead("get_dashboard_overview", {});
  const waiting: Record<string, number> = data === undefined ? {} : {
    approvals: data.waiting.approvals.total,
    errors: data.waiting.escalated.total,
    deployments: data.waiting.deployments.total,
    queue: data.waiting.operations,
  };
  return (
    <nav aria-label="Pages" className="ways">
      {WAYS.map(([path, name]) => (
        <a
          key={path}
          href={linkTo(path)}
          aria-current={path === current ? "page" : undefined}
        >
          <span>{name}</span>
          {(waiting[path] ?? 0) > 0 && (
            <span className="way-count">
              {waiting[path]}
              <span className="hidden">waiting</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}

function Person(): ReactNode {
  const { session, signOut } = useApp();
  const choice = useThemeChoice();
  return (
    <div className="person">
      <div className="field">
        <label htmlFor="theme">Theme</label>
        <select
          id="theme"
          value={choice}
          onChange={(event) => showTheme(event.target.value as ThemeChoice)}
        >
          <option value="system">as the system</option>
          <option value="light">light</option>
          <option value="dark">dark</option>
        </select>
      </div>
      <p className="person-mail" title={session?.user.email}>
        {session?.user.email}
      </p>
      <button type="button" onClick={() => void signOut()}>Sign out</button>
    </div>
  );
}

function Connection(): ReactNode {
  const cache = useQueryClient().getQueryCache();
  const isAway = useSyncExternalStore(
    (onChange) => cache.subscribe(onChange),
    () =>
      cache.findAll({ type: "active" }).some(({ state }) =>
        state.error instanceof CallError && state.error.kind === "offline"
      ),
  );
  return (
    <div role="status">
      {isAway && (
        <p className="notice away">
          The backend does not answer. What you see is what it said last; it is asked again every few seconds.
        </p>
      )}
    </div>
  );
}
