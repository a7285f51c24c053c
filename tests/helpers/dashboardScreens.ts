/** Screens of the dashboard: which there are, how they are looked at, and where pictures of them are kept. @module */

import type { Browser, Page } from "./browser.ts";

/** Every list and page without an id. */
export const PLACES = [
  "",
  "approvals",
  "fixes",
  "errors",
  "experiments",
  "patterns",
  "deployments",
  "tests",
  "health",
  "queue",
  "settings",
] as const;

/** Places whose first row leads to a page of its own. */
export const PLACES_WITH_DETAILS = [
  "approvals",
  "fixes",
  "errors",
  "experiments",
  "patterns",
  "deployments",
  "tests",
  "health",
] as const;

/** How people look at it. */
export const LOOKS: Readonly<Record<string, Parameters<Browser["newContext"]>[0]>> = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

const FOLDER = decodeURIComponent(new URL("../../.data/screenshots", import.meta.url).pathname);

/** Keeps a picture of the whole page. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}/${name}.png`, fullPage: true });
}

/** Goes to a place and waits until it shows what it has read, plots included. */
export async function goTo(page: Page, url: string, place: string): Promise<void> {
  await page.goto(`${url}#/${place}`);
  await settle(page);
}

/** Waits until nothing on the page is on its way. */
export async function settle(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".skeleton, .plot-wait") === null);
}

/** Follows the first row of a list. */
export async function openFirst(page: Page): Promise<void> {
  const before = page.url();
  await page.locator(".row-link, .panel h3 a").first().click();
  await page.waitForURL((url: URL) => url.href !== before);
  await settle(page);
}

/** Everything that went wrong inside a page: thrown errors, refused resources, complaints of the content policy. */
export function listenForFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return faults;
}
