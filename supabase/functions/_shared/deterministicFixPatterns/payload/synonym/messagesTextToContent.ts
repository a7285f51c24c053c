/** In a chat these words all mean what was said. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `messages_text_to_content`. */
export const messagesTextToContent = synonymRule({
  key: "messages_text_to_content",
  confidence: 0.95,
  because: "in a chat these words all mean what was said",
  tables: ["message", "chat", "conversation", "thread", "dm"],
  columns: ["role", "content"],
  from: ["message", "text", "body", "content", "prompt", "message text", "message body", "message content"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
