/** In a chat these words all mean the conversation that a message belongs to. @module */

import { synonymRule } from "../synonym.ts";
import { holdsReference, isReference } from "../values.ts";

/** The rule `messages_conversation`. */
export const messagesConversation = synonymRule({
  key: "messages_conversation",
  confidence: 0.9,
  because: "in a chat these words all mean the conversation that a message belongs to",
  tables: ["message", "chat", "conversation", "thread", "dm"],
  from: [
    "conversation id",
    "chat id",
    "thread id",
    "conversation",
    "chat",
    "thread",
    "chat session id",
    "dialog id",
  ],
  to: ["conversation id", "chat id", "thread id", "chat session id", "dialog id"],
  accepts: (value, column) => isReference(value) && holdsReference(column),
});
