/** What an admin does in the dashboard, and what comes of it before the admin's eyes, without loading a page again. */

import assert from "node:assert/strict";
import { browserTest, openBrowser, type Page } from "../helpers/browser.ts";
import { goTo, keepPicture, openFirst } from "../helpers/dashboardScreens.ts";
import { askAboutTenant, type DashboardWorld, openDashboardWorld } from "../helpers/dashboardWorld.ts";
import { waitFor } from "../helpers/waiting.ts";

let opened: Promise<DashboardWorld> | undefined;
function theWorld(): Promise<DashboardWorld> {
  return opened ??= openDashboardWorld();
}
Deno.test.afterAll(async () => await (await opened)?.[Symbol.asyncDispose]());

/** Presses a button, gives the reason, and waits until it has been done. */
async function doAs(page: Page, button: string, reason: string): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/Why\?/).fill(reason);
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** The page is the same one as before: it was not loaded again. */
async function markPage(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(globalThis, { isTheSame: true }));
  return async () =>
    assert.equal(await page.evaluate(() => "isTheSame" in globalThis), true, "the page was loaded again");
}

const MENDED_POLICIES =
  "select count(*)::int as value from pg_policies where tablename = 'members' and qual like '%healing_policies%'";

async function read<T>(world: DashboardWorld, sql: string): Promise<T> {
  const { rows: [row] } = await world.stage.database.query<{ value: T }>(sql);
  return row!.value;
}

// First: the engine, which the other tests call, judges releases too.
browserTest(
  "a release is held up, let go on, and rolled back by a person, and the page shows each",
  async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const page = await world.signIn(browser);
    await goTo(page, world.url, "deployments");
    await openFirst(page);
    await page.getByRole("figure", { name: /requests that fail/ }).waitFor();
    await doAs(page, "Pause", "we look at it ourselves");
    await page.locator(".section-aside .badge", { hasText: "paused" }).waitFor();
    await doAs(page, "Resume", "it was the partner");
    await page.locator(".section-aside .badge", { hasText: "running" }).waitFor();
    await doAs(page, "Roll back", "customers call");
    await page.locator(".section-aside .badge", { hasText: /rolling back|rolled back/ }).waitFor();
    await page.getByText("customers call").first().waitFor();
    assert.equal(await read(world, "select share as value from rollouts"), 0);
  },
);

browserTest("approving a fix has it applied and kept, and the page shows it by itself", async () => {
  const world = await theWorld();
  await askAboutTenant(world, "tenant_8");
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "approvals");
  const isTheSame = await markPage(page);
  await page.getByText("create schema tenant_8").click();
  await doAs(page, "Approve", "a new tenant, as expected");
  await page.getByText("a new tenant, as expected").waitFor();
  await page.getByRole("link", { name: "See the fix" }).click();
  await world.stage.runEngine();
  await world.stage.runEngine();
  await page.locator(".lead .badge", { hasText: "kept" }).waitFor();
  await keepPicture(page, "light-fix-kept");
  assert.equal(await read(world, "select to_regclass('tenant_8.orders') is not null as value"), true);
  await isTheSame();
});

browserTest("taking a fix back reverts what it changed, and the page shows it by itself", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "approvals");
  const isTheSame = await markPage(page);
  await page.getByText(/let the policies that lead back to members/i).click();
  await page.getByText("healing_policies").first().waitFor();
  await doAs(page, "Approve", "the rows stay the same for everybody");
  await page.getByRole("link", { name: "See the fix" }).click();
  await world.stage.runEngine();
  await page.locator(".lead .badge", { hasText: "validating" }).waitFor();
  assert.equal(await read(world, MENDED_POLICIES), 1);
  await doAs(page, "Take it back", "the old policy was better understood");
  await page.getByText("is being taken back").waitFor();
  await world.stage.runEngine();
  await page.locator(".lead .badge", { hasText: "reverted" }).waitFor();
  await page.getByText("the old policy was better understood").first().waitFor();
  await keepPicture(page, "light-fix-reverted");
  assert.equal(await read(world, MENDED_POLICIES), 0);
  await isTheSame();
});

browserTest("rejecting a fix keeps the reason and changes nothing", async () => {
  const world = await theWorld();
  await askAboutTenant(world, "tenant_9");
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "approvals");
  await page.getByText("create schema tenant_9").click();
  await doAs(page, "Reject", "there is no such customer");
  await page.getByText("rejected").first().waitFor();
  await page.getByText("there is no such customer").waitFor();
  assert.equal(await read(world, "select to_regnamespace('tenant_9') is null as value"), true);
});

browserTest("the kill switch stops healing, shows it on the overview, and lets it go on again", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "settings");
  const isTheSame = await markPage(page);
  await doAs(page, "Stop all healing", "we look at something strange");
  await page.getByText("healing is off").waitFor();
  assert.equal(
    await read(world, "select wanted as value from healing_settings where key = 'enabled'"),
    false,
  );
  await keepPicture(page, "light-kill-switch");
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByText("Healing is off").waitFor();
  await page.getByRole("link", { name: "Settings" }).click();
  await doAs(page, "Let healing go on", "it was nothing");
  await page.getByText("healing is on").waitFor();
  await isTheSame();
});

browserTest(
  "a budget is changed with a reason, and a value that does not fit is refused in words",
  async () => {
    const world = await theWorld();
    await using browser = await openBrowser();
    const page = await world.signIn(browser);
    await goTo(page, world.url, "settings");
    const budget = page.getByLabel("max fixes per day");
    await budget.fill("50");
    await doAs(page, "Change", "fewer while we watch");
    await waitFor(
      "the change",
      async () =>
        await read(world, "select wanted as value from healing_settings where key = 'max_fixes_per_day'") ===
          50,
    );
    await budget.fill("-3");
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByLabel(/Why\?/).fill("too few");
    await page.getByRole("dialog").getByRole("button", { name: "Change" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
    assert.equal(
      await read(world, "select wanted as value from healing_settings where key = 'max_fixes_per_day'"),
      50,
    );
  },
);

browserTest("an experiment is concluded by a person, and says so at once", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, `experiments/${world.experimentId}`);
  await page.getByText("running").first().waitFor();
  await doAs(page, "B wins", "nobody wants to wait any longer");
  await page.locator(".lead .badge", { hasText: "completed" }).waitFor();
  await page.getByText(/nobody wants to wait any longer/).first().waitFor();
  assert.equal(
    await read(
      world,
      `select winning_variant as value from fix_experiments where id = '${world.experimentId}'`,
    ),
    "b",
  );
});

browserTest("a pattern is demoted and promoted by a person, and its history keeps why", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "patterns?auto_fixable=true");
  await openFirst(page);
  await doAs(page, "Demote", "tenants are made by hand this week");
  await page.getByText("demoted by a person").waitFor();
  await doAs(page, "Promote", "the week is over");
  await page.locator(".lead .badge", { hasText: "promoted" }).waitFor();
  await page.locator(".timeline").getByText("tenants are made by hand this week").waitFor();
});

browserTest("a waiting call is sent again or discarded by a person", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "queue?status=needs_person");
  await page.getByText("with cart").waitFor();
  await doAs(page, "Discard", "the cart is gone");
  await page.getByText("Nothing waits").waitFor();
});

browserTest("an error is left alone and taken up again by a person", async () => {
  const world = await theWorld();
  await using browser = await openBrowser();
  const page = await world.signIn(browser);
  await goTo(page, world.url, "errors?search=hostile:3");
  await openFirst(page);
  if (await page.getByRole("button", { name: "Ignore" }).count() > 0) {
    await doAs(page, "Ignore", "a test sends it");
    await page.locator(".lead .badge", { hasText: "ignored" }).waitFor();
  }
  await doAs(page, "Look again", "it came from outside after all");
  await page.locator(".lead .badge", { hasText: "open" }).waitFor();
});
