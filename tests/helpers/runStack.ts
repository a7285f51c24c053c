/** A program that starts a stack with the fixture functions, says where as JSON, and then only lives. @module */

import { openStack } from "./stack.ts";

const { stack } = await openStack();
const { url, keys, superuserUrl } = stack;
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify({ url, keys, superuserUrl })}\n`));
await stack.databaseEnded;
