import assert from "node:assert/strict";
import { readRestoreLines } from "../../../supabase/functions/_shared/core/restoreLines.ts";

Deno.test("captureError() and withSelfHealing() log what is not stored when the worker ends, for a script to restore", async () => {
  const program = new URL("../../helpers/endingWorker.ts", import.meta.url).pathname;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", program],
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  assert.ok(success, text);
  const lines = text.split("\n");
  const restored = readRestoreLines(lines);
  const named = restored.map(({ kind, value }) => {
    const { function_name, error_message, result, error, context } = value as {
      function_name?: string;
      error_message?: string;
      result?: string;
      error?: { message: string };
      context?: { functionName?: string };
    };
    return [kind, function_name ?? context?.functionName, result ?? error_message ?? error?.message];
  });
  const find = (name: string) => named.filter(([, place]) => place === name);
  assert.deepEqual(find("heals"), [["request_heal", "heals", "success"]]);
  assert.deepEqual(find("fails"), [["captured_error", "fails", "sent, and not answered"]]);
  assert.deepEqual(find("raw"), [["raw_error", "raw", "not even looked at, with [redacted:supabase-key]"]]);
  assert.equal(
    named.filter(([, , words]) => words?.startsWith("flood")).length,
    50,
  );
  assert.ok(!text.includes("AbCdEfGhIjKlMnOpQrStUv"));
});
