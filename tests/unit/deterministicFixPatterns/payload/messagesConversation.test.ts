import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("messages_conversation takes the words for the conversation", () => {
  assertHeals(
    "messages_conversation",
    ["messages", "id uuid! = gen_random_uuid(); thread_id uuid!; parent_id uuid"],
    { "conversation_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { "thread_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
  );
  assertHeals(
    "messages_conversation",
    ["chat_messages", "id uuid! = gen_random_uuid(); chat_session_id uuid!"],
    { "chatId": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { "chat_session_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
  );
});

Deno.test("messages_conversation takes no other reference and none of two", () => {
  assertDeclines("messages_conversation", ["messages", "parent_id uuid"], {
    "conversation_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("messages_conversation", ["messages", "chat_id uuid; thread_id uuid"], {
    "conversation_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("messages_conversation", ["messages", "chat_id uuid"], { "conversation_id": "x" });
  assertDeclines("messages_conversation", ["messages", "chat_id uuid"], {
    "session_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("messages_conversation", ["orders", "thread_id uuid"], {
    "chat_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
});
