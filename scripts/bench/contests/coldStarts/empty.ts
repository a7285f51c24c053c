/** A function that imports nothing. @module */

Deno.serve(() => new Response("ok"));
