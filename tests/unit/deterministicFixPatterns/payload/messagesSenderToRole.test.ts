import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("messages_sender_to_role takes the sender of a chat for its role", () => {
  assertHeals("messages_sender_to_role", ["messages", "role text!; content text!"], {
    "sender": "user",
    "content": "Hi",
  }, { "role": "user", "content": "Hi" });
});

Deno.test("messages_sender_to_role takes nobody who does not speak in a chat, and no other table's role", () => {
  assertDeclines("messages_sender_to_role", ["messages", "role text!; content text!"], {
    "sender": "admin",
    "content": "Hi",
  });
  assertDeclines("messages_sender_to_role", ["messages", "role text!; content text!"], {
    "sender": "service_role",
    "content": "Hi",
  });
  assertDeclines("messages_sender_to_role", ["messages", "role text!; content text!"], {
    "sender": "USER ",
    "content": "Hi",
  });
  assertDeclines("messages_sender_to_role", ["messages", "role text!; content text!"], {
    "sender": 1,
    "content": "Hi",
  });
  assertDeclines("messages_sender_to_role", ["messages", "role text!; content text!"], {
    "sender": null,
    "content": "Hi",
  });
  assertDeclines("messages_sender_to_role", ["profiles", "role text"], { "sender": "user" });
  assertDeclines("messages_sender_to_role", ["profiles", "role text! = 'user'; content text"], {
    "type": "admin",
  });
});
