/** Signing in, sessions that end, a backend that goes away and comes back, projects that are empty, or large. */

import assert from "node:assert/strict";
import { print } from "../../scripts/lib/print.ts";
import { browserTest, findBarriers, openBrowser } from "../helpers/browser.ts";
import { goTo, keepPicture, listenForFaults, LOOKS, PLACES, settle } from "../helpers/dashboardScreens.ts";
import { type DashboardWorld, openDashboardWorld } from "../helpers/dashboardWorld.ts";
import { TcpProxy } from "../helpers/tcpProxy.ts";

let opened: Promise<DashboardWorld> | undefined;
/** A project in which nothing has happened yet. */
function theWorld(): Promise<DashboardWorld> {
  return opened ??= openDashboardWorld({ empty: true });
}
Deno.test.afterAll(async () => await (await opened)?.[Symbol.asyncDispose]());

browserTest("the dashboard asks who is there, and says what is wrong with a password", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await (await browser.newContext(LOOKS.light)).newPage();
  await page.goto(`${world.url}#/errors?status=open`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await keepPicture(page, "light-sign-in");
  await page.getByLabel("E-mail").fill("admin@example.com");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("do not belong together").waitFor();
  await page.getByLabel("Password").fill("admin-password");
  await page.getByRole("button", { name: "Sign in" }).click();
  // The link that led here is where one comes out.
  await page.getByRole("heading", { level: 1, name: "Errors" }).waitFor();
  assert.equal(await page.getByLabel("State").inputValue(), "open");
});

browserTest(
  "the dashboard teaches on its empty pages what would be there and how it comes there",
  async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const page = await world.signIn(browser, "admin", LOOKS.light);
    const faults = listenForFaults(page);
    await page.getByText("Nothing waits for you.").waitFor();
    for (const place of PLACES) {
      await goTo(page, world.url, place);
      assert.equal(await page.locator(".failure").count(), 0, place);
      if (!["", "health", "settings"].includes(place)) {
        assert.ok((await page.locator(".empty").first().innerText()).length > 60, place);
      }
      assert.deepEqual(await findBarriers(page), [], place);
    }
    await keepPicture(page, "light-empty");
    await page.goto(`${world.url}#/nowhere`);
    await page.getByText("There is no such page").waitFor();
    await page.goto(`${world.url}#/errors/00000000-0000-4000-8000-00000000dead`);
    await page.getByText(/There is no error/).waitFor();
    await page.goto(`${world.url}#/errors/rubbish`);
    await page.getByRole("alert").waitFor();
    // What was asked for and is not there is answered with 404 or 400, and the browser says so.
    assert.ok(faults.every((fault) => /40[04]/.test(fault)), faults.join("\n"));
  },
);

browserTest(
  "the dashboard asks to sign in again when the session has ended, and goes on where one was",
  async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const page = await world.signIn(browser, "admin", LOOKS.light);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await goTo(page, world.url, "patterns");
    // Somebody has ended all sessions while the machine slept: neither token is good any more.
    await page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem("healing-dashboard")!);
      const past = Math.floor(Date.now() / 1_000) - 3_600;
      localStorage.setItem(
        "healing-dashboard",
        JSON.stringify({ ...kept, expires_at: past, refresh_token: "revoked" }),
      );
    });
    await page.reload();
    await page.getByText("Your session has ended").waitFor();
    await keepPicture(page, "light-session-ended");
    await page.getByLabel("E-mail").fill("admin@example.com");
    await page.getByLabel("Password").fill("admin-password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Patterns" }).waitFor();
  },
);

browserTest("the dashboard asks to sign in again when the backend no longer takes the token", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser, "admin", LOOKS.light);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem("healing-dashboard")!);
    localStorage.setItem(
      "healing-dashboard",
      JSON.stringify({ ...kept, access_token: `${kept.access_token}x` }),
    );
  });
  await page.reload();
  await page.getByText("Your session has ended").waitFor();
});

browserTest(
  "the dashboard keeps what it shows while the backend is away, says so, and goes on when it is back",
  async () => {
    const world = await theWorld();
    using proxy = new TcpProxy(Number(new URL(world.stage.stack.url).port));
    const url = `http://127.0.0.1:${proxy.port}/dashboard/`;
    await using browser = await openBrowser();
    const page = await (await browser.newContext(LOOKS.light)).newPage();
    await page.goto(`${url}#/settings`);
    await page.getByLabel("E-mail").fill("admin@example.com");
    await page.getByLabel("Password").fill("admin-password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Kill switch").first().waitFor();
    proxy.isClosed = true;
    proxy.cutAll();
    await page.getByText("The backend does not answer").waitFor({ timeout: 20_000 });
    assert.ok(await page.getByText("Kill switch").first().isVisible());
    assert.deepEqual(await findBarriers(page), []);
    await keepPicture(page, "light-backend-away");
    // What is done meanwhile is refused in words, and nothing is lost.
    await page.getByRole("button", { name: "Stop all healing" }).click();
    await page.getByLabel(/Why\?/).fill("a reason that took a while to write");
    await page.getByRole("dialog").getByRole("button", { name: "Stop all healing" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
    assert.equal(await page.getByLabel(/Why\?/).inputValue(), "a reason that took a while to write");
    await page.keyboard.press("Escape");
    proxy.isClosed = false;
    await page.getByText("The backend does not answer").waitFor({ state: "detached", timeout: 20_000 });
  },
);

browserTest("the dashboard stays fluid over 10,000 errors: a page is short, and comes quickly", async () => {
  const world = await theWorld();
  await world.stage.database.query(
    `insert into detected_errors (fingerprint, error_signature, error_template, error_type, error_message, last_seen_at, status, resolution)
     select 'many:' || n, 'signature ' || n, 'template', 'missing_schema', 'error number ' || n || ' ' || repeat('of a long story ', 20),
       now() - make_interval(secs => n), 'ignored', 'a test'
     from generate_series(1, 10000) as n`,
  );
  await using browser = await openBrowser();
  const page = await world.signIn(browser, "admin", LOOKS.light);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await goTo(page, world.url, "errors");
  await page.getByText("error number 1 of").waitFor();
  const times: number[] = [];
  for (let number = 1; number <= 8; number++) {
    const startedAt = performance.now();
    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText(`error number ${number * 50 + 1} of`).waitFor();
    times.push(performance.now() - startedAt);
    assert.equal(await page.locator("tbody tr").count(), 50);
  }
  // The middle one: a machine that is busy with something else may hold up any of them.
  const [quickest, middle, slowest] = [0, 4, 7].map((place) => times.toSorted((a, b) => a - b)[place]!);
  print(`Pages of 10,000 errors: ${[quickest, middle, slowest].map((ms) => Math.round(ms!))} ms`);
  assert.ok(middle! < 2_000, `${times.map(Math.round)}`);
  await page.getByLabel("Search").fill("error number 9999 ");
  await page.getByText("error number 9999 of").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.goBack();
  await settle(page);
  await page.getByRole("button", { name: "Newest" }).click();
  await page.getByText("error number 1 of").waitFor();
});
