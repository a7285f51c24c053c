/** Every page of the dashboard, with what the stories of the demo leave behind, as people look at it. */

import assert from "node:assert/strict";
import { print } from "../../scripts/lib/print.ts";
import { browserTest, findBarriers, openBrowser } from "../helpers/browser.ts";
import {
  goTo,
  keepPicture,
  listenForFaults,
  LOOKS,
  openFirst,
  PLACES,
  PLACES_WITH_DETAILS,
  settle,
} from "../helpers/dashboardScreens.ts";
import { type DashboardWorld, HOSTILE_TEXTS, openDashboardWorld } from "../helpers/dashboardWorld.ts";

let opened: Promise<DashboardWorld> | undefined;
/** One world for this file: nothing here changes anything. */
function theWorld(): Promise<DashboardWorld> {
  return opened ??= openDashboardWorld();
}
Deno.test.afterAll(async () => await (await opened)?.[Symbol.asyncDispose]());

for (const [look, options] of Object.entries(LOOKS)) {
  browserTest(`the dashboard shows every page without a barrier or a fault: ${look}`, async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const page = await world.signIn(browser, "admin", options);
    const faults = listenForFaults(page);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    async function look_at(name: string): Promise<void> {
      await keepPicture(page, `${look}-${name}`);
      assert.deepEqual(await findBarriers(page), [], name);
      const { wide, width } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        width: document.documentElement.clientWidth,
      }));
      assert.ok(wide <= width, `${name} is ${wide} wide on a screen of ${width}`);
    }
    for (const place of PLACES) {
      await goTo(page, world.url, place);
      assert.equal(await page.locator(".failure").count(), 0, place);
      await look_at(place === "" ? "overview" : place);
    }
    for (const place of PLACES_WITH_DETAILS) {
      await goTo(page, world.url, place);
      await openFirst(page);
      assert.equal(await page.locator(".failure").count(), 0, place);
      await look_at(`${place}-one`);
    }
    assert.deepEqual(faults, []);
  });
}

browserTest("the dashboard shows on each page what the demo has left there", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  const expected: Record<string, RegExp> = {
    "": /Let the policies that lead back to members/i,
    approvals: /let the policies that lead back to members/i,
    fixes: /create schema tenant_7/i,
    errors: /function unaccent\(text\) does not exist/,
    experiments: /65 % of 60 succeeded/,
    patterns: /acts alone/,
    deployments: /A fix of code/i,
    tests: /missing_import/,
    health: /healing_engine/,
    queue: /the answer was 409 twice/,
    settings: /Kill switch/,
  };
  for (const [place, text] of Object.entries(expected)) {
    await goTo(page, world.url, place);
    await page.locator("h2, a, b, p, td, .badge, .sub").getByText(text).first().waitFor();
  }
  await goTo(page, world.url, "patterns?auto_fixable=true");
  await openFirst(page);
  await page.getByText("Its evidence lets it act alone").waitFor();
  await page.getByText("earned trust").waitFor();
  await goTo(page, world.url, `experiments/${world.experimentId}`);
  await page.getByRole("figure", { name: /E-values/ }).waitFor();
});

browserTest("the dashboard shows hostile text as text, on every page that has it", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "errors?search=hostile");
  await page.locator(".row-link").nth(HOSTILE_TEXTS.length - 1).waitFor();
  const links = await page.locator(".row-link").evaluateAll((all) =>
    all.map((one) => (one as HTMLAnchorElement).href)
  );
  const seen: string[] = [];
  for (const link of links) {
    await page.goto(link);
    await settle(page);
    await page.getByRole("region", { name: "Stack trace" }).waitFor();
    seen.push(await page.locator("h1").innerText());
    for (const stored of await page.locator("details > summary").all()) await stored.click();
  }
  // A character that turns the text around is spelt out, everything else stands as it was said.
  const wanted = HOSTILE_TEXTS.map((text) => text.replace("\u202E", "⟨U+202E⟩"));
  assert.deepEqual(seen.toSorted(), wanted.toSorted());
  assert.equal(await page.evaluate(() => "harmed" in globalThis), false);
  assert.equal(
    await page.locator("main script, main iframe, main img, main style, main [onload], main [onerror]")
      .count(),
    0,
  );
});

browserTest(
  "the dashboard loads at most 200 kB of JavaScript first, and its plots when they are wanted",
  async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const context = await browser.newContext();
    const page = await context.newPage();
    const scripts: string[] = [];
    page.on("response", (answer) => {
      if (answer.url().endsWith(".js")) scripts.push(answer.url());
    });
    await page.goto(world.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const first = await gzippedBytes(scripts);
    await world.signIn(browser).then((signedIn) => signedIn.context().close());
    const admin = await world.signIn(browser);
    const later: string[] = [];
    admin.on("response", (answer) => {
      if (answer.url().endsWith(".js")) later.push(answer.url());
    });
    await admin.reload();
    await settle(admin);
    const withoutPlots = await gzippedBytes(later.filter((url) => !/PlotCanvas/.test(url)));
    print(`JavaScript, gzipped: ${first} bytes to sign in, ${withoutPlots} with the overview`);
    assert.ok(later.some((url) => /PlotCanvas/.test(url)), "the plots come by themselves");
    assert.ok(!scripts.some((url) => /PlotCanvas/.test(url)), "nobody needs a plot to sign in");
    assert.ok(first <= 200_000 && withoutPlots <= 200_000, `${first}, ${withoutPlots}`);
  },
);

async function gzippedBytes(urls: readonly string[]): Promise<number> {
  let total = 0;
  for (const url of new Set(urls)) {
    const { body } = await fetch(url);
    const zipped = await new Response(body!.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
    total += zipped.byteLength;
  }
  return total;
}

browserTest("the dashboard can be used with the keyboard alone", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
  await goTo(page, world.url, "approvals");
  await page.locator(".row-link").first().focus();
  await page.keyboard.press("Enter");
  const approve = page.getByRole("button", { name: "Approve" });
  await approve.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Approve this fix" });
  await dialog.waitFor();
  assert.deepEqual(await findBarriers(page), []);
  // Without a reason there is no answer.
  assert.ok(await dialog.getByRole("button", { name: "Approve" }).isDisabled());
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

browserTest("the dashboard keeps filters, page and place in its address", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "errors");
  await page.getByLabel("State").selectOption("healed");
  await page.getByLabel("Search").fill("tenant_3");
  await page.waitForURL(/search=tenant_3/);
  await page.getByText('schema "tenant_3" does not exist').waitFor();
  await page.reload();
  await settle(page);
  assert.equal(await page.getByLabel("State").inputValue(), "healed");
  assert.equal(await page.locator(".row-link").count(), 1);
});

browserTest(
  "the dashboard shows nothing to somebody who is no admin, and says how one becomes one",
  async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const page = await world.signIn(browser, "plain");
    await page.getByText("This is for admins").waitFor();
    await page.getByText("user@example.com is signed in, but is no admin").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await keepPicture(page, "light-no-admin");
    for (const place of PLACES) {
      await page.goto(`${world.url}#/${place}`);
      assert.equal(await page.locator(".side, table, .tile").count(), 0);
    }
    // Whoever changes the page in the browser gets nothing either.
    const token = await page.evaluate(() =>
      JSON.parse(localStorage.getItem("healing-dashboard")!).access_token as string
    );
    const { url, keys } = world.stage.stack;
    for (const name of ["get_dashboard_overview", "get_healing_controls", "get_schedules"]) {
      const answer = await fetch(`${url}/rest/v1/rpc/${name}`, {
        method: "POST",
        headers: {
          apikey: keys.publishable,
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
        },
        body: "{}",
      });
      assert.equal(answer.status, 403);
      assert.doesNotMatch(await answer.text(), /tenant|schema "/);
    }
  },
);
