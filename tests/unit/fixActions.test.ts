import assert from "node:assert/strict";
import {
  FIX_KINDS,
  type FixContext,
  kindOf,
  parseFixAction,
} from "../../supabase/functions/_shared/fixActions.ts";

const ADDED = { kind: "add_file", project_id: "a0000000-0000-4000-8000-000000000001" };

Deno.test("parseFixAction() lets in what fits a known kind, and nothing else", () => {
  assert.deepEqual(parseFixAction({ kind: "retry" }), { kind: "retry" });
  const refused = [
    null,
    "retry",
    {},
    { kind: "run_sql", sql: "select 1" },
    { kind: "__proto__" },
    { kind: "toString" },
    { kind: "retry", times: 3 },
    { kind: "create_schema", schema: "Bad Name" },
    { kind: "create_schema", schema: "x".repeat(64) },
    { kind: "create_extension", extension: "plpython3u", provides: "x" },
    { kind: "create_extension", extension: "unaccent" },
    { kind: "rename_column", from: "", to: "x" },
    { kind: "change_setting", setting: "enabled", value: 1 },
    { kind: "change_setting", setting: "mode_database", value: 1 },
    { kind: "change_setting", setting: "max_attempts", value: 11 },
    { kind: "change_setting", setting: "max_attempts", value: 1.5 },
    { kind: "reset_breaker", breaker: "" },
    { kind: "redeploy", project: "../shop", provider: null },
    { kind: "promote", deployment: "latest" },
    { kind: "rollback_deployment" },
    ...[
      "../x.ts",
      "/etc/passwd",
      "a\\b.ts",
      "con.ts",
      "a/../../b.ts",
      ".git/config",
      "a\0.ts",
    ].map((path) => ({ ...ADDED, files: [{ path, content: "" }] })),
    { ...ADDED, files: [] },
    { ...ADDED, files: [{ path: "a.ts", content: "" }, { path: "A.ts", content: "" }] },
    { ...ADDED, files: [{ path: "a.ts", content: "x".repeat(20_001) }] },
    { ...ADDED, project_id: "1", files: [{ path: "a.ts", content: "" }] },
    {
      ...ADDED,
      kind: "patch_files",
      files: [{ path: "a.ts", sha256: "0".repeat(64), start: 2, end: 1, text: "" }],
    },
    { ...ADDED, kind: "patch_files", files: [{ path: "a.ts", sha256: "0", start: 0, end: 1, text: "" }] },
  ];
  for (const value of refused) {
    assert.throws(() => parseFixAction(value), { code: "FIX_REFUSED" }, JSON.stringify(value));
  }
});

Deno.test("kindOf() knows group, risk, target and a sentence for every kind", () => {
  const samples = {
    create_extension: { kind: "create_extension", extension: "unaccent", provides: "unaccent" },
    create_schema: { kind: "create_schema", schema: "shop" },
    create_unique_index: { kind: "create_unique_index", table: "prefs", columns: ["user_id", "k"] },
    create_index: {
      kind: "create_index",
      schema: "public",
      table: "orders",
      columns: [{ name: "customer", descending: false }],
    },
    drop_index: { kind: "drop_index", schema: "public", index: "orders_note_idx" },
    qualify_search_path: { kind: "qualify_search_path", missing: "relation", name: "counters" },
    rename_column: { kind: "rename_column", from: "sender", to: "role" },
    resync_sequence: { kind: "resync_sequence", constraint: "tickets_pkey" },
    retry: { kind: "retry" },
    create_bucket: { kind: "create_bucket", bucket: "avatars" },
    grant_privilege: { kind: "grant_privilege", on: "table", name: "orders", to: "service_role" },
    reload_schema_cache: {
      kind: "reload_schema_cache",
      missing: "column",
      schema: null,
      name: "orders",
      part: "note",
      arguments: [],
    },
    repair_signup_trigger: { kind: "repair_signup_trigger", said: null },
    add_file: {
      kind: "add_file",
      project_id: "a0000000-0000-4000-8000-000000000001",
      files: [{ path: "index.html", content: "<!doctype html>" }],
    },
    patch_files: {
      kind: "patch_files",
      project_id: "a0000000-0000-4000-8000-000000000001",
      files: [{ path: "src/App.tsx", sha256: "0".repeat(64), start: 0, end: 3, text: "x" }],
    },
    replace_policy: { kind: "replace_policy", repair: "break_recursion", table: "members" },
    reset_connection: { kind: "reset_connection" },
    change_setting: { kind: "change_setting", setting: "max_attempts", value: 2 },
    requeue_operations: { kind: "requeue_operations", target: "send-mail" },
    redeploy: { kind: "redeploy", project: "shop", provider: null },
    promote: { kind: "promote", deployment: "11111111-1111-4111-8111-111111111111" },
    rollback_deployment: { kind: "rollback_deployment", deployment: "11111111-1111-4111-8111-111111111111" },
    reset_breaker: { kind: "reset_breaker", breaker: "ai:model at host" },
    set_view_invoker: { kind: "set_view_invoker", view: "public.notes" },
    set_sandbox_cell: { kind: "set_sandbox_cell", cell: `audit_${"0".repeat(32)}` },
    rewrite_migration: { kind: "rewrite_migration", transform: "skip_missing", object: "gone" },
  };
  const risks: Record<string, string> = {
    change_setting: "medium",
    redeploy: "medium",
    promote: "high",
    rollback_deployment: "high",
    requeue_operations: "medium",
    create_bucket: "medium",
    create_unique_index: "medium",
    drop_index: "high",
    patch_files: "high",
    qualify_search_path: "medium",
    grant_privilege: "medium",
    repair_signup_trigger: "high",
    replace_policy: "high",
    set_view_invoker: "high",
  };
  assert.deepEqual(Object.keys(samples).sort(), [...FIX_KINDS].sort());
  for (const sample of Object.values(samples)) {
    const action = parseFixAction(sample);
    const kind = kindOf(action);
    assert.ok(kind.describe(action).length > 10);
    assert.ok(kind.target(action).length > 3);
    assert.equal(kind.risk(action, "migration"), risks[action.kind] ?? "low");
  }
});

Deno.test("create_schema is of medium risk at run time, where nothing proves that it is wanted", () => {
  const action = parseFixAction({ kind: "create_schema", schema: "shop" });
  assert.equal(kindOf(action).risk(action, "runtime"), "medium");
});

function catalogueOf(names: string[]): FixContext {
  return {
    sql: {
      query: <Row extends object>() => Promise.resolve(names.map((name) => ({ name })) as Row[]),
      execute: () => Promise.reject(new Error("nothing is to be executed")),
    },
  };
}

Deno.test("create_schema refuses schemas of the platform, existing ones, and likely misspellings", async () => {
  const refusal = async (schema: string, existing: string[]) => {
    const action = parseFixAction({ kind: "create_schema", schema });
    const precondition = await kindOf(action).precondition(catalogueOf(existing), action);
    return precondition.kind === "go" ? null : `${precondition.kind}: ${precondition.reason}`;
  };
  for (const schema of ["auth", "pg_temp", "healing_private", "storage", "supabase_migrations", "public"]) {
    assert.match(String(await refusal(schema, [])), /belongs to the platform/, schema);
  }
  assert.match(String(await refusal("shop", ["shop"])), /alreadyDone: schema shop has been made meanwhile/);
  for (const typo of ["pubilc", "publi", "publicc", "publik"]) {
    assert.match(String(await refusal(typo, ["public"])), /looks like a misspelling of public/, typo);
  }
  assert.equal(await refusal("tenant_8", ["tenant_7", "tenant_b"]), null);
  assert.equal(await refusal("analytics", ["public", "auth"]), null);
});

Deno.test("rename_column moves a value, never over another one, and can be taken back", async () => {
  const action = parseFixAction({ kind: "rename_column", from: "sender", to: "role" });
  const kind = kindOf(action);
  const payload = {
    row: { sender: "user", content: "Hi" } as Record<string, unknown>,
    columns: ["role", "content"],
  };
  const context = { payload };
  assert.deepEqual(await kind.precondition(context, action), { kind: "go" });
  const before = await kind.snapshot(context, action);
  await kind.apply(context, action);
  assert.deepEqual(payload.row, { content: "Hi", role: "user" });
  assert.equal((await kind.probe(context, action)).ok, true);
  await kind.revert(context, action, before);
  assert.deepEqual(payload.row, { content: "Hi", sender: "user" });
  payload.row.role = "taken";
  assert.match(JSON.stringify(await kind.precondition(context, action)), /already has a value/);
});
