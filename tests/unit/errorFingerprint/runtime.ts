/** Failures of programs: Deno, Node, the edge runtime, build tools. @module */

import { type Cause, said } from "./cause.ts";

/** Causes; near ones stand next to each other on purpose. */
export const RUNTIME: readonly Cause[] = [
  said("name of undefined", undefined, "TypeError", [
    "Cannot read properties of undefined (reading 'name')",
    "Uncaught TypeError: Cannot read properties of undefined (reading 'name')",
    "TypeError: Cannot read properties of undefined (reading 'name')",
    "Uncaught (in promise) TypeError: Cannot read properties of undefined (reading 'name')",
  ]),
  said("id of undefined", undefined, "TypeError", [
    "Cannot read properties of undefined (reading 'id')",
    "Uncaught TypeError: Cannot read properties of undefined (reading 'id')",
  ]),
  said("name of null", undefined, "TypeError", [
    "Cannot read properties of null (reading 'name')",
    "TypeError: Cannot read properties of null (reading 'name')",
  ]),
  said("map is no function", undefined, "TypeError", [
    "data.map is not a function",
    "TypeError: data.map is not a function",
  ]),
  said("filter is no function", undefined, "TypeError", [
    "data.filter is not a function",
    "Uncaught TypeError: data.filter is not a function",
  ]),
  said("createClient undefined", undefined, "ReferenceError", [
    "createClient is not defined",
    "Uncaught ReferenceError: createClient is not defined",
  ]),
  said("require undefined", undefined, "ReferenceError", [
    "require is not defined",
    "ReferenceError: require is not defined",
  ]),
  said("file missing", "ENOENT", "Error", [
    "ENOENT: no such file or directory, open '/home/alice/project/config.json'",
    "ENOENT: no such file or directory, open '/var/task/config.json'",
    "ENOENT: no such file or directory, open '/app/config.json'",
  ]),
  said("upload missing", "ENOENT", "Error", [
    "ENOENT: no such file or directory, open '/tmp/upload-8f3a9c1e/picture.png'",
    "ENOENT: no such file or directory, open '/tmp/upload-11aa22bb/cat.jpg'",
  ]),
  said("port taken", "EADDRINUSE", "Error", [
    "listen EADDRINUSE: address already in use 127.0.0.1:8000",
    "listen EADDRINUSE: address already in use 0.0.0.0:54321",
    "listen EADDRINUSE: address already in use :::3000",
  ]),
  said("refused by Postgres", "ECONNREFUSED", "Error", [
    "connect ECONNREFUSED 127.0.0.1:5432",
    "connect ECONNREFUSED 10.0.0.9:6543",
    "connect ECONNREFUSED ::1:5432",
  ]),
  said("module missing", undefined, "TypeError", [
    'Module not found "file:///home/deno/functions/chat/helpers.ts".',
    'Module not found "file:///var/tmp/sb-compile-edge-runtime/chat/helpers.ts".',
    'Module not found "file:///home/alice/p/supabase/functions/chat/helpers.ts".',
  ]),
  said("other module missing", undefined, "TypeError", [
    'Module not found "file:///home/deno/functions/chat/cors.ts".',
    'Module not found "file:///var/tmp/sb-compile-edge-runtime/chat/cors.ts".',
  ]),
  said("package missing", "ERR_MODULE_NOT_FOUND", "Error", [
    "Cannot find package 'lodash' imported from /app/src/main.js",
    "Cannot find package 'lodash' imported from /home/bob/x/src/main.js",
  ]),
  said("other package missing", "ERR_MODULE_NOT_FOUND", "Error", [
    "Cannot find package 'dayjs' imported from /app/src/main.js",
    "Cannot find package 'dayjs' imported from /srv/x/src/main.js",
  ]),
  said("killed for memory", undefined, "Error", [
    "process exited with code 137",
    "process exited with code 137 ",
  ]),
  said("segmentation fault", undefined, "Error", [
    "process exited with code 139",
    " process exited with code 139",
  ]),
  said("timed out", undefined, "TimeoutError", [
    "request to worker-3 timed out after 30000ms (attempt 2 of 5)",
    "request to worker-17 timed out after 30s (attempt 5 of 5)",
    "request to worker-204 timed out after 1500 ms (attempt 1 of 3)",
  ]),
  said("job failed", undefined, "JobError", [
    "job 8f3a9c1e-1b2c-4d3e-8f4a-5b6c7d8e9f00 failed at 2026-11-21T10:00:00.123Z",
    "job 11111111-2222-4333-8444-555555555555 failed at 2025-01-31 23:59:59+02",
    "job 99999999-2222-4333-8444-555555555555 failed at Fri, 21 Nov 2026 10:00:00 GMT",
  ]),
  said("trace lost", undefined, "Error", [
    "trace 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 was dropped by 10.1.2.3",
    "trace 00-aaaabbbbccccddddeeeeffff00001111-1234567890abcdef-00 was dropped by 2001:db8::8a2e:370:7334",
  ]),
  said("bad address", undefined, "Error", [
    "segfault at 0x7ffeefbff5c8 in thread 12",
    "segfault at 0xdeadbeef in thread 7",
    "segfault at 0x0 in thread 1",
  ]),
  said("payload too big", undefined, "RangeError", [
    "payload of 12.4 MB is larger than 6 MB",
    "payload of 900 KiB is larger than 512 KiB",
    "payload of 10485760 bytes is larger than 6291456 bytes",
  ]),
  said("commit missing", undefined, "Error", [
    "commit 3d2f1e0c9b8a7f6e5d4c3b2a1f0e9d8c7b6a5f4e was not found in refs/heads/main",
    "commit 9f8e7d6 was not found in refs/heads/main",
  ]),
  said("mail refused", undefined, "Error", [
    "mail to jane@example.com was refused by mx.example.com",
    "mail to [redacted:email] was refused by mx.example.com",
    "mail to j.r+x@sub.example.org was refused by mx.example.com",
  ]),
  said("gateway down", undefined, "Error", [
    "upstream answered HTTP 502 in 120ms",
    "upstream answered HTTP 502 in 3.4s",
  ]),
  said("gateway overloaded", undefined, "Error", [
    "upstream answered HTTP 503 in 120ms",
    "upstream answered HTTP 503 in 9 s",
  ]),
  said("route missing", undefined, "Error", [
    "No route for GET /api/users/123/posts",
    "No route for GET /api/users/9/posts",
    "No route for GET /api/users/6f1c2a9e-7b1d-4c3e-9a2f-1b2c3d4e5f60/posts",
  ]),
  said("other route missing", undefined, "Error", [
    "No route for GET /api/orders/123/items",
    "No route for GET /api/orders/77/items",
  ]),
  said("assignment of types", undefined, "Error", [
    "TS2322 [ERROR]: Type 'string' is not assignable to type 'number'. at file:///app/src/a.ts:3:5",
    "TS2322 [ERROR]: Type 'string' is not assignable to type 'number'. at file:///home/u/src/a.ts:99:1",
  ]),
  said("unknown property", undefined, "Error", [
    "TS2339 [ERROR]: Property 'foo' does not exist on type 'Bar'. at file:///app/src/a.ts:3:5",
    "TS2339 [ERROR]: Property 'foo' does not exist on type 'Bar'. at file:///app/src/a.ts:8:15",
  ]),
  said("items refused", undefined, "ValidationError", [
    "items 1, 2, 3 were refused",
    "items 17, 42 were refused",
    "items 9, 8, 7, 6, 5, 4, 3, 2, 1 were refused",
  ]),
  said("boot error", "BOOT_ERROR", "FunctionsHttpError", [
    "Worker failed to boot (please check logs) [execution 0a1b2c3d-1111-4222-8333-444455556666]",
    "Worker failed to boot (please check logs) [execution 99887766-1111-4222-8333-444455556666]",
  ]),
  said("pod evicted", undefined, "Error", [
    "pod chat-7f9c4b5d6-x2x9z was evicted from node ip-10-0-3-77.eu-central-1.compute.internal",
    "pod chat-66d8f7c9b4-q8w7e was evicted from node ip-10-0-9-13.eu-central-1.compute.internal",
  ]),
];
