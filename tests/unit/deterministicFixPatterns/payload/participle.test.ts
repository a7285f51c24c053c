import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("participle takes the participle for the adjective", () => {
  assertHeals("participle", ["t", "is_complete boolean"], { "completed": true }, { "is_complete": true });
  assertHeals("participle", ["t", "is_archived boolean"], { "archive": false }, { "is_archived": false });
});

Deno.test("participle takes a moment for no boolean, and no opposite", () => {
  assertDeclines("participle", ["t", "completed boolean"], { "complete": "2026-01-01T00:00:00Z" });
  assertDeclines("participle", ["t", "incomplete boolean"], { "completed": true });
});
