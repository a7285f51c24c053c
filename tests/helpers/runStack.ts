/** A program that starts a stack with the fixture functions, says where as JSON, and then only lives. @module */

import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { openStack } from "./stack.ts";

const dataDir = await freshDataDir();
const { stack } = await openStack({ dataDir });
const { url, keys } = stack;
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify({ url, keys, dataDir })}\n`));
await stack.databaseEnded;
