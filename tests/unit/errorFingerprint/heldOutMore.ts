/** The hold-out goes on; the same rule holds for it. @module */

import { type Cause, metAt } from "./cause.ts";
import { varied } from "./varied.ts";

const E = "Error";

/** One entry is one cause. */
export const HELD_OUT_MORE: readonly Cause[] = [
  varied("PostgresError", "duplicate key value violates unique constraint \"devices_serial_key\" DETAIL: Key (serial)=({}) already exists.", ["SN-0001-AB", "C02XK1ZJJGH5", "77-12", "élan"]),
  varied("PostgresError", "new row for relation \"prices\" violates check constraint \"prices_amount_check\" DETAIL: Failing row contains ({}, {}, {}).", ["1", "92", "13", "7"], ["-5.00", "0", "-0.01", "-99"], ["EUR", "USD", "null", "2026-01-01"]),
  varied("PostgresError", "bind message supplies {} parameters, but prepared statement \"{}\" requires {}", ["2", "0", "11", "3"], ["", "s_18", "lrupsc_3_1", "a1b2c3"].map((name) => name || "s_2"), ["3", "1", "12", "2"]),
  varied("PostgresError", "could not find array type for data type {}", ["regclass", "regclass", "regclass", "regclass"]),
  varied("PostgresError", "setval: value {} is out of bounds for sequence \"orders_id_seq\" (1..{})", ["0", "-1", "2147483648", "99999999999"], ["2147483647", "2147483647", "2147483647", "32767"]),
  varied(E, "supavisor: client handler for {} terminated after {} (db_idle)", ["postgres.kqpwmzrtyuxvbnhgfdsa", "postgres.aabbccddeeffgghhiijj", "postgres.zxmnvbtrqplkwjhgfsud", "postgres.plmoknijbuhvygctfxrd"], ["300000 ms", "12 s", "5m", "61 s"]),
  varied("StorageApiError", "signed url for {} expired {} ago", ["u/1/a.png", "team-9/contract v2.pdf", "x.zip", "2026/11/ü.mov"], ["3 s", "12 min", "2 days", "1h"]),
  varied("AuthApiError", "invite for {} was accepted on {}", ["kim@co.kr", "a.b@c.de", "first.last+tag@mail.example.com", "x_1@y.io"], ["2026-03-01T10:00:00Z", "2026-03-01 10:00:00+00", "2025-12-12T12:12:12.121Z", "2026-10-31T23:00:00+02:00"]),
  varied("AuthApiError", "factor {} is not verified", ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "9b2f6d1e-aaaa-4bbb-8ccc-dddddddddddd", "018f3c1a-7b2e-7c4d-9e5f-0a1b2c3d4e5f", "c56a4180-65aa-42ec-a945-5fd21dec0538"]),
  varied("TypeError", "fetch failed: Connect Timeout Error (attempted address: api.acme.io:443, timeout: {}ms)", ["10000", "5000", "30000", "250"]),
  varied("TypeError", "fetch failed: other side closed (localAddress {}, localPort {}, bytesWritten {}, bytesRead {})", ["10.0.0.3", "172.17.0.2", "fd00::5", "127.0.0.1"], ["51234", "9", "40022", "60001"], ["812", "0", "99123", "17"], ["0", "44", "1024", "7"]),
  varied(E, "tls: certificate for *.acme.io valid until {} (now {})", ["Nov 20 23:59:59 2026 GMT", "Jan 1 00:00:00 2026 GMT", "Mar 15 12:00:00 2026 GMT", "Dec 31 23:59:59 2025 GMT"], ["Nov 21 08:00:00 2026 GMT", "Feb 2 10:10:10 2026 GMT", "Mar 16 00:00:01 2026 GMT", "Jan 1 00:00:01 2026 GMT"]),
  varied("APIConnectionTimeoutError", "Request timed out after {} (model claude-sonnet-4-5, attempt {}, idempotency key stainless-node-retry-{})", ["600000ms", "60s", "10 minutes", "30000 ms"], ["1", "2", "3", "1"], ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "9b2f6d1e-aaaa-4bbb-8ccc-dddddddddddd", "018f3c1a-7b2e-7c4d-9e5f-0a1b2c3d4e5f", "c56a4180-65aa-42ec-a945-5fd21dec0538"]),
  varied("APIConnectionTimeoutError", "Request timed out after {} (model claude-haiku-4-5, attempt {}, idempotency key stainless-node-retry-{})", ["600000ms", "60s", "10 minutes", "30000 ms"], ["1", "2", "3", "1"], ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "9b2f6d1e-aaaa-4bbb-8ccc-dddddddddddd", "018f3c1a-7b2e-7c4d-9e5f-0a1b2c3d4e5f", "c56a4180-65aa-42ec-a945-5fd21dec0538"]),
  varied("PermissionDeniedError", "403 Project {} does not have access to model gpt-5-mini (request {})", ["proj_AbCdEfGhIjKlMnOp", "proj_0a1B2c3D4e5F6g7H", "proj_zZyYxXwWvVuU", "proj_9876QwErTy"], ["req_5f3e9ab1c2d34e5f", "req_00ff11ee22dd33cc", "req_abcdef1234567890", "req_9a8b7c6d5e4f3a2b"]),
  varied("SyntaxError", "Bad escaped character in JSON at position {} (line {} column {})", ["17", "20481", "3", "998"], ["1", "14", "1", "9"], ["18", "3", "4", "55"]),
  varied("ZodError", "[{\"code\":\"invalid_string\",\"validation\":\"email\",\"path\":[\"members\",{},\"email\"],\"message\":\"Invalid email\"}]", ["0", "3", "17", "240"]),
  varied("ZodError", "[{\"code\":\"invalid_string\",\"validation\":\"url\",\"path\":[\"members\",{},\"site\"],\"message\":\"Invalid url\"}]", ["0", "3", "17", "240"]),
  varied(E, "rate of {} requests per minute by {} is above {}", ["612", "1,204", "75.5", "9000"], ["203.0.113.9", "2001:db8:85a3::8a2e:370:7334", "198.51.100.23", "::1"], ["600", "1,000", "60", "100"]),
  varied(E, "Reminder for {} at {} was not sent: no device token", ["Ana Pérez", "Bo Li", "Zoë Kravitz", "Jean-Luc Picard"], ["Mon, 02 Mar 2026 09:00:00 GMT", "Fri, 13 Nov 2026 18:30:00 GMT", "Sun, 01 Feb 2026 00:00:00 GMT", "Thu, 31 Dec 2026 23:59:00 GMT"]),
  varied(E, "Quote {} expired on {}; price moved from {} to {}", ["Q-2026-118", "Q-2026-9", "Q-2025-77120", "Q-2026-50"], ["2026-11-20", "20.11.2026", "11/20/2026", "20 Nov 2026"], ["$12.00", "9,50 €", "£1,000", "CHF 3.20"], ["$12.50", "9,99 €", "£1,050", "CHF 3.60"]),
  varied(E, "OCR of {} gave {} characters, confidence {}", ["scan_0001.tiff", "Beleg (2).pdf", "IMG_8842.jpeg", "receipt-2026-11-21.png"], ["0", "18233", "77", "1,204"], ["0.12", "91%", "0.5", "7 %"]),
  varied(E, "Geofence {} was left by vehicle {} at ({}, {})", ["gf_8aK2LmPq", "gf_00aAbB11", "gf_zZ9yY8", "gf_QwEr1234"], ["B-MW 1234", "M-XY 77", "HH-AB 9001", "S-GO 1"], ["52.5200", "48.137", "-33.8688", "0.0"], ["13.4050", "11.575", "151.2093", "-0.1"]),
  varied(E, "cache entry user:{}:profile is {} old, refusing", ["1882", "77", "90121", "3"], ["2h", "31 min", "86400s", "5 days"]),
  varied(E, "tenant={} op=sync err=conflict rows={} took={}", ["acme", "globex", "initech-7", "müller"], ["12", "1", "9001", "77"], ["31ms", "1.2s", "450ms", "2m"]),
  varied(E, "tenant={} op=export err=conflict rows={} took={}", ["acme", "globex", "initech-7", "müller"], ["12", "1", "9001", "77"], ["31ms", "1.2s", "450ms", "2m"]),
  varied(E, "Bild „{}“ konnte nicht verkleinert werden ({} × {} Pixel)", ["urlaub.png", "Foto 3.jpg", "IMG_1.HEIC", "logo.svg"], ["4000", "12", "8192", "640"], ["3000", "9", "8192", "480"]),
  varied(E, "Não foi possível processar o pedido {} de {}: cartão recusado", ["1882", "77", "90121", "3"], ["R$ 12,50", "R$ 1.299,00", "R$ 7", "R$ 99,90"]),
  metAt("TypeError", "n.map is not a function",
    "    at Qe (https://app.acme.io/assets/Reports-Bq1Wl0aZ.js:3:991)\n    at vt (https://app.acme.io/assets/index-DxK3m9Qz.js:40:12)",
    "    at Ye (https://app.acme.io/assets/Reports-C9xk2LmP.js:3:1004)\n    at St (https://app.acme.io/assets/index-A81kPw3Z.js:40:15)",
    "    at r (https://app.acme.io/assets/Reports-00aBcDeF.js:2:17)\n    at Mn (https://app.acme.io/assets/index-CmX00_aB.js:38:1)",
    "    at Qe (https://preview-17.acme.io/assets/Reports-Zz11Yy22.js:3:991)\n    at vt (https://preview-17.acme.io/assets/index-Zz11Yy22.js:40:12)"),
  metAt("TypeError", "n.map is not a function",
    "    at Qe (https://app.acme.io/assets/Billing-Bq1Wl0aZ.js:3:991)\n    at vt (https://app.acme.io/assets/index-DxK3m9Qz.js:40:12)",
    "    at Ye (https://app.acme.io/assets/Billing-C9xk2LmP.js:3:1004)\n    at St (https://app.acme.io/assets/index-A81kPw3Z.js:40:15)",
    "    at r (https://app.acme.io/assets/Billing-00aBcDeF.js:2:17)\n    at Mn (https://app.acme.io/assets/index-CmX00_aB.js:38:1)"),
  metAt(E, "no price for plan",
    "    at priceOf (/var/task/src/billing/prices.ts:12:9)\n    at async charge (/var/task/src/billing/charge.ts:40:3)\n    at async Runtime.handler (file:///var/runtime/index.mjs:1173:29)",
    "    at priceOf (/app/src/billing/prices.ts:15:9)\n    at async charge (/app/src/billing/charge.ts:44:3)",
    "    at priceOf (/home/bo/shop/src/billing/prices.ts:12:9)\n    at async charge (/home/bo/shop/src/billing/charge.ts:40:3)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    "    at priceOf (file:///C:/work/shop/src/billing/prices.ts:12:9)\n    at async charge (file:///C:/work/shop/src/billing/charge.ts:40:3)"),
];
