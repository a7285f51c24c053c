/** Texts that look like secrets or personal data and are none: error messages, ids, hashes, versions. @module */

/** Not one character of these may change. */
export const HARMLESS: readonly string[] = [
  ...`
relation "users" does not exist
column "password" of relation "accounts" does not exist
null value in column "token" of relation "sessions" violates not-null constraint
duplicate key value violates unique constraint "users_email_key"
password authentication failed for user "postgres"
permission denied for table secrets
function crypt(text, text) does not exist
invalid input syntax for type uuid: "undefined"
Key (id)=(42) already exists.
Key (user_id)=(6f1c2a9e-7b1d-4c3e-9a2f-1b2c3d4e5f60) is not present in table "users".
Failing row contains (1, null, 2026-11-21 10:00:00+00).
Unexpected token < in JSON at position 0
Unexpected token 'S', "Sure! Here"... is not valid JSON
Unexpected token: }
unexpected token: identifier
SyntaxError: Unexpected token 'export'
Invalid token: expired
token expired
jwt expired
JWT expired at 2026-11-21T10:00:00Z
Missing authorization header
Authorization: header is missing
WWW-Authenticate: Bearer realm="example", error="invalid_token"
Bearer token is missing
Bearer authentication required
Basic authentication is required
invalid_grant: Invalid refresh token
Invalid Refresh Token: Refresh Token Not Found
Invalid API key
Double check your Supabase anon or service_role API key.
No API key found in request
OPENAI_API_KEY is not set
Missing required environment variable SUPABASE_SERVICE_ROLE_KEY
password: required
password must be at least 8 characters
Password should contain at least one character of each
{"password":"required"}
{"password":null,"token":""}
{"token":null}
token: undefined
secret: not found
secret "db-credentials" not found
api_key: missing
apiKey: process.env.OPENAI_API_KEY
const token = getToken(request)
password = $1
where password = $2 and token = $3
update users set password = ? where id = ?
password=***
password=******
token: <token>
apikey: \${SUPABASE_ANON_KEY}
Authorization: Bearer \${token}
postgres://\${USER}:\${PASSWORD}@\${HOST}/db
postgres://user:[YOUR-PASSWORD]@db.example.com/postgres
postgres://localhost:5432/app
postgresql://postgres@127.0.0.1:5432/postgres
https://example.com/a/b?c=d&e=f
https://medium.com/@someone/a-story-about-databases
https://esm.sh/@supabase/supabase-js@2.39.0
https://deno.land/std@0.224.0/http/server.ts:12:4
npm:zod@4.6.7
npm:openai@4.2.0/helpers/zod
npm:fast-check@4.10.2-beta.next
jsr:@std/assert@1.0.0
lodash@4.17.21
@types/node@22.7.5
react-dom@19.0.0/cjs/react-dom.production.js
logo@2x.png
render@bundle.js:1:2034
handler@https://app.example.com/assets/index-4f2a1b3c.js:1:2034
git@github.com:denoland/deno.git
ssh://git@github.com/denoland/deno.git
max_tokens is not supported with this model
Unsupported parameter: 'max_tokens'
This model's maximum context length is 8192 tokens
prompt_tokens: 1200, completion_tokens: 340, total_tokens: 1540
token_count=1540
tokens: 1540
next_page_token: CAUQAA
token_type=bearer&expires_in=3600
Limit 30000, Requested 31250
rate limit reached for gpt-4o in organization org-4f8aK2mZ on tokens per min (TPM)
req_011CSHoEeqs5C35K2UUqR7Fy
chatcmpl-9xQ2mT4vBnK8sL1pR7cW3yZ6aD5eF
cus_NffrFeUfNV2Hib
price_1MoBy5LkdIwHu7ixZhnattbh
pi_3MtwBwLkdIwHu7ix28a3tqPa
evt_1NG8Du2eZvKYlo2CUI79vXWy
pk_live_TYooMQauvdEDq54NiTphI7jx
sb_publishable_ACJWlzQHlZjBrEguHvfOxg
sk-folding-cube
#sk-container-id-12
.sk-estimator-label
task-1234567890123456
disk-usage-monitor-2026
risk-assessment-report-final-v2
AKIA is the prefix of access keys
ghp_ is the prefix of tokens
eyJ is how a token starts
cursor eyJpZCI6MTIzNDU2fQ==
after=eyJpZCI6OTl9
commit 3d2f1e0c9b8a7f6e5d4c3b2a1f0e9d8c7b6a5f4e
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
md5 5d41402abc4b2a76b9719d911017c592
etag W/"5d41402abc4b2a76b9719d911017c592"
6f1c2a9e-7b1d-4c3e-9a2f-1b2c3d4e5f60
12345678-1234-4234-8234-123456789012
00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
trace 4bf92f3577b34da6a3ce929d0e0e4736
0x7ffeefbff5c8
0xdeadbeef
2026-11-21T10:00:00.000Z
2026-11-21 10:00:00+00
2026-11-21T10:00:00+0100
Fri, 21 Nov 2026 10:00:00 GMT
21/11/2026
1700000000
1700000000000
date/time field value out of range: "1700000000"
value "9223372036854775808" is out of range for type bigint
order 4111111111111112
order 1234567890123456
invoice 5500000000000005
snowflake 175928847299117063
4111111111111
0000000000000000
1111222233334444
127.0.0.1:5432
10.0.0.255
192.168.100.200:65535
2001:0db8:85a3:0000:0000:8a2e:0370:7334
fe80::1ff:fe23:4567:890a
port 55999 failed: Connection refused
version 15.20.1234
1.2.3456
v2.39.0-rc.1
Chrome/120.0.6099.129 Safari/537.36
123-45
404-502-1000 ms
took 1234.567 ms
+10.5%
+1234567.50 EUR
UTC+0200
x+12345678
1e+10
@@ -12,7 +12,9 @@
line 12, column 345
at Object.<anonymous> (/srv/app/src/index.ts:12:34)
at async handler (file:///var/tmp/sb-compile-edge-runtime/chat/index.ts:10:5)
at eval (eval at <anonymous> (https://app.example.com/main.js:1:1))
ENOENT: no such file or directory, open '/etc/app/config.json'
getaddrinfo ENOTFOUND api.example.com
connect ECONNREFUSED 127.0.0.1:5432
error sending request for url (https://api.example.com/v1): connection closed before message completed
TypeError: Cannot read properties of undefined (reading 'password')
TypeError: Cannot read properties of null (reading 'token')
ReferenceError: apiKey is not defined
Could not find the 'secret' column of 'webhooks' in the schema cache
Could not find the function public.get_token(user_id) in the schema cache
new row violates row-level security policy for table "api_keys"
there is no unique or exclusion constraint matching the ON CONFLICT specification
operator does not exist: text = uuid
syntax error at or near "password"
zero-length delimited identifier at or near """"
type "vector" does not exist
schema "vault" does not exist
extension "pgcrypto" is not available
role "authenticator" does not exist
policy "Users can read own tokens" for table "tokens" already exists
insert into users (email, password) values ($1, $2)
select token, expires_at from sessions where id = 7
["password","email"] are required
required: ["token", "secret"]
{"error":"invalid_request","error_description":"code verifier is missing"}
{"code":"23505","details":null,"hint":null,"message":"duplicate key value"}
{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy"}
{"code":401,"msg":"Invalid JWT"}
?code=42501
?code=PGRST204&hint=none
password_reset_required=true
has_password=true
passwordHint: first pet
secretName: db-credentials
tokenExpiresAt: 2026-11-21
session expired
cookie: missing
cookies are blocked by the browser
Set-Cookie header is too large
-----BEGIN PUBLIC KEY-----
-----BEGIN CERTIFICATE-----
could not find -----BEGIN PRIVATE KEY----- in the file
PEM routines: no start line: expecting PRIVATE KEY
x-request-id: 7f3a9c1e5b2d4f6a
x-ratelimit-remaining-tokens: 149984
x-ratelimit-reset-requests: 8.64s
sb-error-code: BOOT_ERROR
cf-ray: 8a1b2c3d4e5f6789-FRA
region eu-central-1
arn:aws:iam::123456789012:role/app-role
s3://bucket/path/to/object-2026-11-21.json
/Users/~/Projects/app/src/components/Widget.tsx
C:\\Windows\\System32\\drivers\\etc\\hosts
src/components/UserSettingsPasswordForm.tsx
functions/Api2/handlers/CreateUserAccountHandler.ts
integrity sha512-abc is wrong
Minified React error #418; visit https://react.dev/errors/418?args[]=HTML
TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.
exit code 137
HTTP 429 Too Many Requests
retry-after: 120
Content-Length: 1234567890
content-type: application/json; charset=utf-8
phone number is required
email must be valid
user@localhost
someone@
@mention in a comment
name <someone at example dot com>
1600 columns
a key of 100 characters
primary key "orders_pkey"
foreign key constraint "msgs_room_id_fkey"
cache key user:42:profile
Invalid key: folder/bild.png
keyboard interrupt
monkey patching failed
key: value
the secret of good errors is a hint
the password field is empty
auth session missing!
`.trim().split("\n"),
];
