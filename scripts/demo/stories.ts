/** The stories of the demo: each breaks something real, over HTTP or in the database, and shows how it was healed. @module */

import { applyMigration } from "../../supabase/functions/_shared/databaseHealer.ts";
import { lostWorker } from "./lostWorker.ts";
import type { DemoStage } from "./stage.ts";
import type { Story, StoryReport } from "./story.ts";
import { until } from "./until.ts";

async function healMigration(
  { stack, database }: DemoStage,
  broke: string,
  migration: string,
  look: string,
): Promise<StoryReport> {
  const result = await applyMigration({ migration, name: "demo", databaseUrl: stack.dbUrl });
  const { rows } = await database.query<{ found: string }>(look);
  return {
    healed: result.healed && result.fixes.length > 0 && rows.length === 1,
    broke,
    healedBy: result.fixes.map((fix) => fix.description).join("; ") || result.reason,
    tier: result.fixes.map((fix) => fix.tier).join(", "),
    proof: `${result.fixes.at(-1)?.proof ?? result.reason}; ${rows[0]?.found ?? "nothing"} is there`,
  };
}

/** A migration without its extension. */
export const missingExtension: Story = {
  title: "A migration calls uuid_generate_v4(), and the extension is missing",
  tell: (stage) =>
    healMigration(
      stage,
      "42883 function uuid_generate_v4() does not exist",
      "create table invoices (id uuid primary key default uuid_generate_v4(), total numeric not null);\n" +
        "insert into invoices (total) values (42);",
      "select 'invoice ' || id as found from invoices",
    ),
};

/** A migration without its schema. */
export const missingSchema: Story = {
  title: "A migration creates a table in a schema that does not exist",
  tell: (stage) =>
    healMigration(
      stage,
      '3F000 schema "analytics" does not exist',
      "create table analytics.page_views (path text primary key, views bigint not null default 0);",
      "select 'table ' || relname as found from pg_class where oid = to_regclass('analytics.page_views')",
    ),
};

/** A payload under other names than the table's. */
export const wrongNames: Story = {
  title: "A function inserts {sender, message} into messages(role, content)",
  async tell({ call, database }) {
    const answer = await call("demo-chat", { sender: "user", message: "Hello" });
    await until(
      "the event",
      async () =>
        (await database.query(
          "select from healing_events where event_type = 'healed_in_request' and strategy = 'rename_column'",
        ))
          .rows.length > 0,
    );
    const { rows } = await database.query<{ role: string; content: string }>(
      "select role, content from messages",
    );
    const events = await database.query<{ message: string }>(
      "select message from healing_events where strategy = 'rename_column' order by message desc",
    );
    return {
      healed: answer.status === 200 && rows.length === 1 && rows[0]!.role === "user" &&
        rows[0]!.content === "Hello",
      broke: "the row has keys that are no columns: sender, message",
      healedBy: `rename_column, in the request: ${events.rows.map((event) => event.message).join(", ")}`,
      tier: "deterministic",
      proof: `the caller got ${answer.status}, and the table holds ${JSON.stringify(rows)}`,
    };
  },
};

/** A partner that is busy for a moment. */
export const busyPartner: Story = {
  title: "A carrier answers 503 once, in the middle of a request",
  async tell({ call, database }) {
    let requests = 0;
    const carrier = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () =>
        ++requests === 1 ? new Response("try again", { status: 503 }) : Response.json({ shipment: "S-1" }),
    );
    const { port } = carrier.addr;
    const answer = await call("demo-ship", { carrier: `http://127.0.0.1:${port}/` }, "shipment-1");
    await carrier.shutdown();
    await until(
      "the event",
      async () =>
        (await database.query(
          "select from healing_events where event_type = 'healed_in_request' and strategy = 'retry'",
        ))
          .rows.length > 0,
    );
    return {
      healed: answer.status === 200 && answer.body.shipment === "S-1" && requests === 2,
      broke: "503 from another service",
      healedBy: "retry, in the request, under its idempotency key",
      tier: "deterministic",
      proof: `the carrier saw ${requests} requests, the caller one answer: ${answer.status} ${
        JSON.stringify(answer.body)
      }`,
    };
  },
};

/** Three failures, one error, one run. */
export const threeFailures: Story = {
  title: "A function fails three times in a row; the engine's next run heals it",
  async tell({ call, database, runEngine }) {
    const statuses: number[] = [];
    for (const customer of ["Zoë Müller", "Ángel Núñez", "Søren Åberg"]) {
      statuses.push((await call("demo-report", { customer }, `report-${customer}`)).status);
    }
    const group =
      "select occurrence_count::int as count from detected_errors where function_name = 'demo-report'";
    await until(
      "the capture",
      async () => (await database.query<{ count: number }>(group)).rows[0]?.count === 3,
    );
    await runEngine();
    const { rows: [fix] } = await database.query<
      { what: string; tier: string; probe: string; proof: string }
    >(
      `select f.action ->> 'extension' as what, f.tier, f.probe ->> 'measured' as probe, f.proof ->> 'succeeded' as proof
       from auto_fixes as f join detected_errors as e on e.id = f.detected_error_id where e.function_name = 'demo-report'`,
    );
    const { rows: reports } = await database.query("select from reports where slug ~ '^[a-z-]+$'");
    return {
      healed: statuses.every((status) => status === 500) && fix?.proof === "true" && reports.length === 3,
      broke: `42883 function unaccent(text) does not exist; answers ${
        statuses.join(", ")
      }; one group with count 3`,
      healedBy: `create_extension ${fix?.what}`,
      tier: fix?.tier ?? "-",
      proof:
        `${fix?.probe}; the three requests were made again, and ${reports.length} of 3 reports are stored`,
    };
  },
};

/** The same failure on seven targets: a person answers until the pattern is trusted. */
export const growingEvidence: Story = {
  title:
    "The same failure on new targets: a person approves until the pattern has earned the right to act alone",
  async tell(stage) {
    const notes = ["tenant    tier           who decided     score   P(ineffective)"];
    let last = { decided: "", tier: "" };
    let approvals = 0;
    for (let number = 1; number <= 7; number++) {
      last = await provision(stage, `tenant_${number}`);
      if (last.decided !== "nobody") approvals++;
      const { rows: [pattern] } = await stage.database.query<{ score: number; risk: number; acts: boolean }>(
        `select confidence_score as score, probability_ineffective as risk, auto_fixable as acts
         from healing_patterns where action_kind = 'create_schema' and error_signature not like 'migration%'
         order by success_count desc limit 1`,
      );
      notes.push(
        `tenant_${number}  ${last.tier.padEnd(14)} ${last.decided.padEnd(15)} ${
          pattern!.score.toFixed(3)
        }   ` +
          `${pattern!.risk.toFixed(4)}  ${"█".repeat(Math.round(pattern!.score * 20))}${
            pattern!.acts ? "  may act alone" : ""
          }`,
      );
    }
    const { rows } = await stage.database.query(
      "select from pg_tables where tablename = 'orders' and schemaname ~ '^tenant_'",
    );
    return {
      healed: last.decided === "nobody" && last.tier === "learned" && rows.length === 7,
      broke: '3F000 schema "tenant_…" does not exist, seven times, each for another tenant',
      healedBy: `create_schema: approved by a person ${approvals} times, then by the pattern itself`,
      tier: last.tier,
      proof: `${rows.length} of 7 tenants have their tables; the seventh needed no analysis and no person`,
      notes,
    };
  },
};

async function provision(
  { call, database, runEngine, admin }: DemoStage,
  tenant: string,
): Promise<{ decided: string; tier: string }> {
  await call("demo-tenant", { tenant }, `provision-${tenant}`);
  const found = () =>
    database.query<{ id: string }>(
      "select id from detected_errors where error_message like '%' || $1 || '%'",
      [`"${tenant}"`],
    );
  await until("the capture", async () => (await found()).rows.length === 1);
  await runEngine();
  const { rows: [waiting] } = await database.query<{ id: string }>(
    "select id from admin_approval_queue where status = 'pending' and what_will_happen like '%' || $1",
    [tenant],
  );
  if (waiting !== undefined) {
    const reason = "A new tenant, as expected";
    await admin.call("decide_approval", {
      p_approval_id: waiting.id,
      p_decision: "approve",
      p_reason: reason,
    });
    await runEngine();
  }
  // The next run judges what the last one applied.
  await runEngine();
  const { rows: [fix] } = await database.query<{ tier: string; approved_by: string | null; status: string }>(
    "select tier, approved_by, status from auto_fixes where target = 'schema:' || $1",
    [tenant],
  );
  if (fix?.status !== "kept") throw new Error(`the fix for ${tenant} is ${fix?.status ?? "missing"}`);
  return { decided: fix.approved_by ?? "nobody", tier: fix.tier };
}

/** All stories in their order. */
export const STORIES: readonly Story[] = [
  missingExtension,
  missingSchema,
  wrongNames,
  busyPartner,
  threeFailures,
  growingEvidence,
  lostWorker,
];
