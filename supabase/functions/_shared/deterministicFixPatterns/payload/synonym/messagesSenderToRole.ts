/** In a chat the sender is a role, and the value has to be a speaker's: `role` elsewhere decides about rights. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** Who speaks in a chat with a model. */
const SPEAKERS = new Set(["user", "assistant", "system", "tool"]);

/** The rule `messages_sender_to_role`. */
export const messagesSenderToRole = synonymRule({
  key: "messages_sender_to_role",
  confidence: 0.95,
  because: "in a chat the sender is a role, and the value is one that speaks",
  columns: ["role", "content"],
  from: ["sender", "author", "speaker", "from", "sender type"],
  to: ["role"],
  mayTouch: ["role"],
  accepts: (value, column) => typeof value === "string" && SPEAKERS.has(value) && holdsText(column),
});
