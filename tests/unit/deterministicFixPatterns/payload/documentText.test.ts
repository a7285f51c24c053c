import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("document_text takes the words for a passage's text", () => {
  assertHeals("document_text", ["documents", "content text!"], { "text": "abc" }, { "content": "abc" });
});

Deno.test("document_text takes no list, no other table and nothing that is given", () => {
  assertDeclines("document_text", ["documents", "content text"], { "text": ["a"] });
  assertDeclines("document_text", ["reports", "content text"], { "chunk": "a" });
  assertDeclines("document_text", ["documents", "content text"], { "content": "a", "text": "b" });
});
