/** Failures of PostgREST, Auth, Storage, the edge runtime and OpenAI. @module */

import { type Cause, said } from "./cause.ts";

const completions = "https://api.openai.com/v1/chat/completions";

/** Causes; near ones stand next to each other on purpose. */
export const SERVICES: readonly Cause[] = [
  said("column sender unknown", "PGRST204", "NonError", [
    "Could not find the 'sender' column of 'messages' in the schema cache",
    " Could not find the 'sender' column of 'messages' in the schema cache",
  ]),
  said("column content unknown", "PGRST204", "PostgrestError", [
    "Could not find the 'content' column of 'messages' in the schema cache",
    "Could not find the 'content' column of 'messages'  in the schema cache",
  ]),
  said("function unknown", "PGRST202", "NonError", [
    "Could not find the function public.pay(amount, account) in the schema cache",
    "Could not find the function public.pay(amount, account)  in the schema cache",
  ]),
  said("no row", "PGRST116", "NonError", [
    "Cannot coerce the result to a single JSON object",
    "Cannot coerce the result to a single JSON object ",
  ]),
  said("JWT expired", "PGRST303", "NonError", ["JWT expired", " JWT expired"]),
  said("user not found", undefined, "AuthApiError", [
    'User "4711" not found',
    'User "jane" not found',
    "User '6f1c2a9e-7b1d-4c3e-9a2f-1b2c3d4e5f60' not found",
  ]),
  said("mail rate limit", "over_email_send_rate_limit", "AuthApiError", [
    "For security purposes, you can only request this after 31 seconds.",
    "For security purposes, you can only request this after 7 seconds.",
    "For security purposes, you can only request this after 59 seconds.",
  ]),
  said("object missing", undefined, "StorageApiError", [
    '{"statusCode":"404","error":"not_found","message":"Object not found"}',
    '{"message":"Object not found","statusCode":"404","error":"not_found"}',
    '{ "statusCode": "404", "error": "not_found", "message": "Object not found" }',
  ]),
  said("bucket missing", undefined, "StorageApiError", [
    '{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}',
    '{"error":"Bucket not found","message":"Bucket not found","statusCode":"404"}',
  ]),
  said("bad object key", undefined, "StorageApiError", [
    "Invalid key: avatars/Bild ü.png",
    "Invalid key: avatars/Bild ü.png ",
  ]),
  said("tokens per minute", "rate_limit_exceeded", "RateLimitError", [
    "429 Rate limit reached for gpt-4o in organization org-AbCd1234EfGh5678 on tokens per min (TPM): Limit 30000, Used 29120, Requested 1300. Please try again in 840ms.",
    "429 Rate limit reached for gpt-4o in organization org-Zz99Yy88Xx77Ww66 on tokens per min (TPM): Limit 30000, Used 30000, Requested 7. Please try again in 1.2s.",
    "429 Rate limit reached for gpt-4o in organization org-Qq11Ww22Ee33Rr44 on tokens per min (TPM): Limit 450000, Used 1, Requested 2. Please try again in 6m0s.",
  ]),
  said("requests per minute", "rate_limit_exceeded", "RateLimitError", [
    "429 Rate limit reached for gpt-4o in organization org-AbCd1234EfGh5678 on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.",
    "429 Rate limit reached for gpt-4o in organization org-Zz99Yy88Xx77Ww66 on requests per min (RPM): Limit 60, Used 60, Requested 1. Please try again in 20s.",
  ]),
  said("request too large", "rate_limit_exceeded", "RateLimitError", [
    "429 Request too large for gpt-4o in organization org-AbCd1234EfGh5678 on tokens per min (TPM): Limit 30000, Requested 41234.",
    "429 Request too large for gpt-4o in organization org-Zz99Yy88Xx77Ww66 on tokens per min (TPM): Limit 10000, Requested 10001.",
  ]),
  said("quota", "insufficient_quota", "RateLimitError", [
    "429 You exceeded your current quota, please check your plan and billing details.",
    "429 You exceeded your current quota,  please check your plan and billing details.",
  ]),
  said("context length", "context_length_exceeded", "BadRequestError", [
    "400 This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    "400 This model's maximum context length is 128000 tokens. However, your messages resulted in 190233 tokens.",
    "400 This model's maximum context length is 16385 tokens. However, your messages resulted in 16400 tokens.",
  ]),
  said("max_tokens unsupported", "unsupported_parameter", "BadRequestError", [
    "400 Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    " 400 Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  ]),
  said("temperature unsupported", "unsupported_value", "BadRequestError", [
    "400 Unsupported value: 'temperature' does not support 0.2 with this model.",
    "400 Unsupported value: 'temperature' does not support 0.7 with this model.",
    "400 Unsupported value: 'temperature' does not support 1.5 with this model.",
  ]),
  said("model missing", "model_not_found", "NotFoundError", [
    "404 The model `gpt-5-nano-x` does not exist or you do not have access to it.",
    "404 The model `gpt-5-nano-x` does not exist or you do not have access  to it.",
  ]),
  said("body: model missing", undefined, "Error", [
    '404 {"error":{"message":"The model `o9` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}',
    '404 {"error":{"message":"The model `o9` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"},"request_id":"req_9ZzYyXxWwVvUuTtSs77Rr"}',
    '404 {"request_id":"req_1","error":{"code":"model_not_found","message":"The model `o9` does not exist","param":null,"type":"invalid_request_error"}}',
  ]),
  said("body: key refused", undefined, "Error", [
    '401 {"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"},"request_id":"req_1a2b3c4d5e6f7a8b"}',
    '401 {"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"},"request_id":"req_99887766554433aa"}',
  ]),
  said("overloaded", undefined, "InternalServerError", [
    '529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}',
    '529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CZzzEeqs5C35K2UUqR8Gz"}',
  ]),
  said("plan lacks a name", undefined, "ZodError", [
    '[ { "code": "invalid_type", "expected": "string", "received": "undefined", "path": [ "files", 0, "name" ], "message": "Required" } ]',
    '[ { "code": "invalid_type", "expected": "string", "received": "undefined", "path": [ "files", 3, "name" ], "message": "Required" } ]',
    '[{"code":"invalid_type","expected":"string","received":"number","path":["files",12,"name"],"message":"Required"},{"code":"invalid_type","expected":"string","received":"number","path":["files",13,"name"],"message":"Required"}]',
  ]),
  said("plan lacks a path", undefined, "ZodError", [
    '[ { "code": "invalid_type", "expected": "string", "received": "undefined", "path": [ "files", 0, "path" ], "message": "Required" } ]',
    '[ { "code": "invalid_type", "expected": "string", "received": "undefined", "path": [ "files", 9, "path" ], "message": "Required" } ]',
  ]),
  said("prose instead of JSON", undefined, "SyntaxError", [
    "Unexpected token 'S', \"Sure! Here\"... is not valid JSON",
    "Unexpected token 'H', \"Here is th\"... is not valid JSON",
    "Unexpected token 'I', \"I'm sorry\"... is not valid JSON",
    "Unexpected token 'C', \"Certainly!\n\n\"... is not valid JSON",
  ]),
  said("HTML instead of JSON", undefined, "SyntaxError", [
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "Unexpected token '<', \"<html><hea\"... is not valid JSON",
    "Unexpected token '<', \" <html lan\"... is not valid JSON",
  ]),
  said("fence around JSON", undefined, "SyntaxError", [
    "Unexpected token '`', \"```json\n{\"... is not valid JSON",
    'Unexpected token \'`\', "```\n{\n  "n"... is not valid JSON',
  ]),
  said("JSON cut off", undefined, "SyntaxError", [
    "Unterminated string in JSON at position 4096 (line 12 column 33)",
    "Unterminated string in JSON at position 88 (line 1 column 89)",
    "Unterminated string in JSON at position 20331",
  ]),
  said("comma missing in JSON", undefined, "SyntaxError", [
    "Expected ',' or '}' after property value in JSON at position 17 (line 2 column 5)",
    "Expected ',' or '}' after property value in JSON at position 9001 (line 300 column 1)",
  ]),
  said("bracket missing in JSON", undefined, "SyntaxError", [
    "Expected ',' or ']' after array element in JSON at position 17 (line 2 column 5)",
    "Expected ',' or ']' after array element in JSON at position 233",
  ]),
  said("API not found by DNS", undefined, "TypeError", [
    `error sending request for url (${completions}): client error (Connect): dns error: failed to lookup address information: Name or service not known`,
    `error sending request for url (${completions}?timeout=30): client error (Connect): dns error: failed to lookup address information: Name or service not known`,
  ]),
  said("API refuses connection", undefined, "TypeError", [
    `error sending request for url (${completions}): client error (Connect): tcp connect error: Connection refused (os error 111)`,
    `error sending request for url (${completions}?a=2): client error (Connect): tcp connect error: Connection refused (os error 111)`,
  ]),
  said("API resets connection", undefined, "TypeError", [
    `error sending request for url (${completions}): client error (SendRequest): connection error: Connection reset by peer (os error 104)`,
    `error sending request for url (${completions}#x): client error (SendRequest): connection error: Connection reset by peer (os error 104)`,
  ]),
  said("other API resets connection", undefined, "TypeError", [
    "error sending request for url (https://api.stripe.com/v1/charges/ch_3MmlLrLkdIwHu7ix0snN0B15): client error (SendRequest): connection error: Connection reset by peer (os error 104)",
    "error sending request for url (https://api.stripe.com/v1/charges/ch_1NirD82eZvKYlo2CIvbtLWuY): client error (SendRequest): connection error: Connection reset by peer (os error 104)",
  ]),
  said("project host unknown", undefined, "Error", [
    "getaddrinfo ENOTFOUND db.abcdefghijklmnopqrst.supabase.co",
    "getaddrinfo ENOTFOUND db.zyxwvutsrqponmlkjihg.supabase.co",
    "getaddrinfo ENOTFOUND db.qwertyuiopasdfghjklz.supabase.co",
  ]),
  said("REST on a project is down", undefined, "Error", [
    "GET https://abcdefghijklmnopqrst.supabase.co/rest/v1/orders?id=eq.5 failed with 503",
    "GET https://zyxwvutsrqponmlkjihg.supabase.co/rest/v1/orders?id=eq.77&select=* failed with 503",
    "GET https://zyxwvutsrqponmlkjihg.supabase.co/rest/v1/orders failed with 503",
  ]),
  said("REST on a project is refused", undefined, "Error", [
    "GET https://abcdefghijklmnopqrst.supabase.co/rest/v1/orders?id=eq.5 failed with 401",
    "GET https://zyxwvutsrqponmlkjihg.supabase.co/rest/v1/orders?id=eq.6 failed with 401",
  ]),
];
