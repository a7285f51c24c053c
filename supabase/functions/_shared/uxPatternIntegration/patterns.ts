/** The patterns that are known, and how an element shows one. @module */

import type { UiElement } from "./elements.ts";

/** What a pattern is about. */
export type UxCategory = "form" | "feedback" | "navigation" | "structure" | "accessibility";

/** One pattern. */
export interface KnownPattern {
  key: string;
  category: UxCategory;
  description: string;
  shows(element: UiElement): boolean;
  /** Another element without which it is none. */
  alsoNeeds?(element: UiElement): boolean;
}

function is(tags: RegExp): (element: UiElement) => boolean {
  return ({ tag }) => tags.test(tag);
}

function has(...names: string[]): (element: UiElement) => boolean {
  return ({ attributes }) => names.some((name) => attributes.has(name));
}

/** All of them. */
export const UX_PATTERNS: readonly KnownPattern[] = [
  {
    key: "labelled-form",
    category: "form",
    description: "Fields of a form have labels that name them",
    shows: (element) => element.tag === "label" && has("for", "htmlFor")(element),
    alsoNeeds: is(/^form$/i),
  },
  {
    key: "guarded-submit",
    category: "form",
    description: "A button cannot be pressed while its action runs or makes no sense",
    shows: (element) => is(/button$/i)(element) && has("disabled", ":disabled", "v-bind:disabled")(element),
  },
  {
    key: "required-fields",
    category: "form",
    description: "Fields say that they have to be filled",
    shows: has("required"),
  },
  {
    key: "loading-state",
    category: "feedback",
    description: "Something is shown while the content is on its way",
    shows: (element) =>
      is(/^(?:\w*(?:Spinner|Loader|Loading|Skeleton)|Suspense)$/)(element) || has("aria-busy")(element),
  },
  {
    key: "error-message",
    category: "feedback",
    description: "A failure is told where it happens",
    shows: (element) =>
      element.attributes.get("role") === "alert" || is(/^\w*(?:ErrorBoundary|ErrorMessage)$/)(element),
  },
  {
    key: "toast",
    category: "feedback",
    description: "What was done is told in passing",
    shows: is(/^(?:Toaster|ToastContainer|ToastProvider|Snackbar)$/),
  },
  {
    key: "live-region",
    category: "accessibility",
    description: "What changes is read out",
    shows: (element) => has("aria-live")(element) || element.attributes.get("role") === "status",
  },
  {
    key: "named-control",
    category: "accessibility",
    description: "A control without words has a name",
    shows: (element) =>
      is(/^(?:button|a|input|select)$/i)(element) && has("aria-label", "aria-labelledby")(element),
  },
  {
    key: "described-image",
    category: "accessibility",
    description: "Images have words in their place",
    shows: (element) => is(/^(?:img|Image|NuxtImg)$/)(element) && has("alt", ":alt")(element),
  },
  {
    key: "navigation",
    category: "navigation",
    description: "There is a list of ways around",
    shows: is(/^(?:nav|NavLink|RouterLink|NuxtLink)$/),
  },
  {
    key: "dialog",
    category: "structure",
    description: "A question is asked above the page",
    shows: (element) =>
      is(/^(?:dialog|\w*Dialog|\w*Modal)$/)(element) || element.attributes.get("role") === "dialog",
  },
  {
    key: "landmarks",
    category: "structure",
    description: "The parts of the page are named",
    shows: is(/^(?:main|header|footer|aside)$/),
  },
];
