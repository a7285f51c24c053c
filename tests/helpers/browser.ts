/**
 * A real browser for tests: Debian's Chromium, driven over its own protocol. Where there is none, a test says so
 * aloud and is skipped; CI installs one.
 *
 * @module
 */

import axe from "npm:axe-core@4.14.1";
import { type Browser, chromium, type Page } from "npm:playwright-core@1.65.1";

export type { Browser, Page };

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

async function findChromium(): Promise<string | undefined> {
  const named = Deno.env.get("CHROMIUM");
  for (const place of named === undefined ? PLACES : [named]) {
    if (await Deno.stat(place).then(({ isFile }) => isFile, () => false)) return place;
  }
  return undefined;
}

const executablePath = await findChromium();

/** Registers a test that needs a browser; without one it is skipped, and its name says why. */
export function browserTest(name: string, run: () => Promise<void>): void {
  const isSkipped = executablePath === undefined;
  Deno.test({
    name: isSkipped ? `${name} (skipped: no Chromium; apt-get install chromium, or CHROMIUM=path)` : name,
    ignore: isSkipped,
    // The browser's own connections end after the test has.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: run,
  });
}

/** Starts the browser; it ends with the test. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({
    executablePath: executablePath!,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}

/** A finding of the accessibility check that matters. */
export interface Finding {
  rule: string;
  impact: string;
  where: string[];
}

interface AxeAnswer {
  violations: { id: string; impact: string | null; nodes: { html: string; failureSummary?: string }[] }[];
}

/** Serious and critical findings of axe, by the rules of WCAG 2.2 AA. */
export async function findBarriers(page: Page): Promise<Finding[]> {
  await page.evaluate(axe.source);
  const answer = await page.evaluate<AxeAnswer>(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`,
  );
  return answer.violations.filter(({ impact }) => impact === "serious" || impact === "critical").map((
    { id, impact, nodes },
  ) => ({
    rule: id,
    impact: impact ?? "",
    where: nodes.slice(0, 3).map(({ html, failureSummary }) =>
      `${html.slice(0, 200)} ${failureSummary?.split("\n")[1] ?? ""}`
    ),
  }));
}
