/** The adapter of zod: everything else imports it from here. @module */

export { z } from "npm:zod@4.6.7";
