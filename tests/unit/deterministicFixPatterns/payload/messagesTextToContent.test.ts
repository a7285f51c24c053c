import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("messages_text_to_content takes the words for what was said", () => {
  assertHeals("messages_text_to_content", ["messages", "role text!; content text!"], {
    "role": "user",
    "message": "Hi",
  }, { "role": "user", "content": "Hi" });
  assertHeals("messages_text_to_content", ["messages", "message_id text; body text!"], { "message": "Hi" }, {
    "body": "Hi",
  });
});

Deno.test("messages_text_to_content overwrites nothing and takes none of two", () => {
  assertDeclines("messages_text_to_content", ["messages", "role text!; content text!"], {
    "role": "user",
    "content": "a",
    "message": "b",
  });
  assertDeclines("messages_text_to_content", ["messages", "role text!; content text!"], {
    "role": "user",
    "message": "a",
    "text": "b",
  });
  assertDeclines("messages_text_to_content", ["messages", "content text; body text"], { "message": "a" });
  assertDeclines("messages_text_to_content", ["messages", "body text"], {
    "message": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
});
