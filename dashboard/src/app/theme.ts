/** Light or dark: as the system has it, until somebody chooses. @module */

import { useSyncExternalStore } from "react";

/** What can be chosen. */
export type ThemeChoice = "system" | "light" | "dark";

const KEY = "healing-theme";
const dark = globalThis.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function subscribe(onChange: () => void): () => void {
  listeners.add(onChange);
  dark.addEventListener("change", onChange);
  return () => {
    listeners.delete(onChange);
    dark.removeEventListener("change", onChange);
  };
}

/** What was chosen in this browser. */
export function chosenTheme(): ThemeChoice {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Shows the chosen theme; called once before anything is drawn, and with each choice. */
export function showTheme(choice: ThemeChoice = chosenTheme()): void {
  if (choice === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, choice);
  document.documentElement.dataset.theme = choice;
  for (const listener of listeners) listener();
}

function current(): "light" | "dark" {
  const choice = chosenTheme();
  return choice === "system" ? (dark.matches ? "dark" : "light") : choice;
}

/** The theme that is shown. */
export function useTheme(): "light" | "dark" {
  return useSyncExternalStore(subscribe, current);
}

/** The choice that is in force. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, chosenTheme);
}
