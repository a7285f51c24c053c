/**
 * Secrets and personal data in the forms in which errors, logs and requests show them. Everything is put together
 * at run time from parts.
 *
 * @module
 */

import { made, madeCard, madeJwt, madePem } from "./random.ts";

/** A text and the parts of it that must not survive. */
export interface SecretSample {
  name: string;
  text: string;
  secrets: string[];
}

type Maker = () => string;

/** Tokens that are known by their form. */
const TOKENS: readonly (readonly [string, Maker])[] = [
  ["service role JWT", () => madeJwt()],
  ["user JWT", () => madeJwt({ sub: made(12), role: "authenticated", email: "x" })],
  ["supabase secret key", () => "sb_" + "secret_" + made(22, "base64url") + "_" + made(8)],
  ["supabase access token", () => "sb" + "p_" + made(40, "hex")],
  ["openai key, old", () => "s" + "k-" + made(48)],
  ["openai project key", () => "s" + "k-proj-" + made(74, "base64url") + "T3BlbkFJ" + made(74, "base64url")],
  ["openai service account", () => "s" + "k-svcacct-" + made(60, "base64url") + "1aB"],
  ["anthropic key", () => "s" + "k-ant-api03-" + made(90, "base64url") + "AA"],
  ["openrouter key", () => "s" + "k-or-v1-" + made(64, "hex")],
  ["groq key", () => "gs" + "k_" + made(52)],
  ["xai key", () => "xa" + "i-" + made(80)],
  ["perplexity key", () => "pp" + "lx-" + made(48)],
  ["replicate token", () => "r" + "8_" + made(37)],
  ["hugging face token", () => "h" + "f_" + made(34)],
  ["aws access key", () => "AK" + "IA" + made(16, "capitals")],
  ["aws temporary key", () => "AS" + "IA" + made(16, "capitals")],
  ["github token", () => "gh" + "p_" + made(36)],
  ["github oauth token", () => "gh" + "o_" + made(36)],
  ["github server token", () => "gh" + "s_" + made(36)],
  ["github fine-grained token", () => "github_" + "pat_" + made(22) + "_" + made(59)],
  ["gitlab token", () => "gl" + "pat-" + made(20, "base64url")],
  ["slack bot token", () => "xo" + "xb-" + made(12, "digits") + "-" + made(12, "digits") + "-" + made(24)],
  [
    "slack user token",
    () => "xo" + "xp-" + made(11, "digits") + "-" + made(12, "digits") + "-" + made(32, "hex"),
  ],
  [
    "slack app token",
    () => "xa" + "pp-1-A" + made(10, "capitals") + "-" + made(13, "digits") + "-" + made(64, "hex"),
  ],
  ["stripe secret key", () => "s" + "k_live_" + made(24)],
  ["stripe test key", () => "s" + "k_test_" + made(99)],
  ["stripe restricted key", () => "r" + "k_live_" + made(24)],
  ["stripe webhook secret", () => "wh" + "sec_" + made(32)],
  ["stripe client secret", () => "pi_" + made(24) + "_secret_" + made(25)],
  ["google api key", () => "AI" + "za" + made(35, "base64url")],
  ["google access token", () => "ya" + "29." + made(120, "base64url")],
  ["google client secret", () => "GOC" + "SPX-" + made(28, "base64url")],
  ["npm token", () => "np" + "m_" + made(36)],
  ["pypi token", () => "py" + "pi-AgEIcHlwaS5vcmc" + made(80, "base64url")],
  ["sendgrid key", () => "S" + "G." + made(22, "base64url") + "." + made(43, "base64url")],
  ["resend key", () => "r" + "e_" + made(8) + "9_" + made(24)],
  ["twilio key", () => "S" + "K" + made(32, "hex")],
  ["mailgun key", () => "ke" + "y-" + made(32, "hex")],
  ["telegram bot token", () => made(9, "digits").replace(/^0/, "7") + ":" + "AA" + made(33, "base64url")],
  ["shopify token", () => "shp" + "at_" + made(32, "hex")],
  ["linear key", () => "lin_" + "api_" + made(40)],
  ["vault token", () => "hv" + "s." + made(90, "base64url")],
  ["digitalocean token", () => "do" + "p_v1_" + made(64, "hex")],
  ["databricks token", () => "da" + "pi" + made(32, "hex")],
  ["airtable token", () => "pa" + "t" + made(14) + "." + made(64, "hex")],
  ["bcrypt hash", () => "$2" + "b$10$" + made(53)],
  [
    "argon2 hash",
    () => "$argon" + "2id$v=19$m=65536,t=3,p=4$" + made(22, "base64") + "$" + made(43, "base64"),
  ],
  ["aws secret, bare", () => "wJ4" + made(12) + "/K7M" + made(12) + "+" + made(8)],
];

/** How a token reaches an error. */
const PLACES: readonly (readonly [string, (token: string) => string])[] = [
  ["in a sentence", (token) => `Request failed: the value ${token} was refused by the server`],
  ["in JSON", (token) => `upstream answered {"error":{"message":"bad credentials","given":"${token}"}}`],
  [
    "in a URL",
    (token) =>
      `GET https://api.example.com/v1/things?limit=5&apikey=${encodeURIComponent(token)}&page=2 -> 401`,
  ],
  [
    "in an environment",
    (token) => `NODE_ENV=production SERVICE_API_KEY=${token} deno run main.ts exited with 1`,
  ],
];

function tokenSamples(): SecretSample[] {
  return TOKENS.flatMap(([name, make], index) =>
    // Two places each, turning, so that every place meets a quarter of the forms and half stand without a name.
    [PLACES[index % 2]!, PLACES[2 + index % 2]!].map(([place, put]) => {
      const token = make();
      const text = put(token);
      return {
        name: `${name} ${place}`,
        text,
        secrets: text.includes(token) ? [token] : [encodeURIComponent(token)],
      };
    })
  );
}

/** A password of the kind that people choose, never found by its form. */
function password(): string {
  return "Tr0ub" + made(4) + "!" + made(3, "lower") + "9";
}

type Put = (secret: string) => string;

/** Secrets that are known by what stands before them. */
const NAMED: readonly Put[] = [
  (s) => `login failed for {"email":"x","password":"${s}"}`,
  (s) => `login failed for {\\"email\\":\\"x\\",\\"password\\":\\"${s}\\"}`,
  (s) => `could not parse config: password: ${s}`,
  (s) => `DSN error: host=db.example.com user=app password=${s} dbname=app`,
  (s) => `Server=tcp:db.example.com;Database=app;User Id=sa;Password=${s};Encrypt=true failed`,
  (s) => `jdbc:postgresql://db.example.com/app?user=sa&password=${s}&ssl=true`,
  (s) => `psql: PGPASSWORD=${s} psql -h db exited with 2`,
  (s) => `mysqldump --user=root --password=${s} app failed`,
  (s) => `login --password ${s} failed with code 1`,
  (s) => `alter role app with password '${s}': permission denied`,
  (s) => `create user app identified by '${s}' failed`,
  (s) => `Invalid option: { dbPassword: "${s}", retries: 3 }`,
  (s) => `Invalid option: { clientSecret: '${s}' }`,
  (s) => `CLIENT_SECRET=${s} is not accepted`,
  (s) => `client_secret=${s}&grant_type=client_credentials`,
  (s) => `x-api-key: ${s}`,
  (s) => `headers: {"x-api-key":"${s}","accept":"*/*"}`,
  (s) => `["apikey","${s}"] is not a valid header list`,
  (s) => `Request headers were apikey=${s}, accept=*/*`,
  (s) => `access_token=${s}&token_type=bearer&expires_in=3600`,
  (s) => `{"access_token":"${s}","token_type":"bearer"}`,
  (s) => `{"refresh_token":"${s}"}`,
  (s) => `refresh token: ${s}`,
  (s) => `The API key "${s}" has been disabled, api key: ${s}`,
  (s) => `secretAccessKey: '${s}'`,
  (s) => `AWS_SECRET_ACCESS_KEY=${s}`,
  (s) => `DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=${s};EndpointSuffix=core.windows.net`,
  (s) => `https://acc.blob.core.windows.net/c/f?sv=2020&se=2026-01-01&sig=${s}aB3dE5fG7hJ9`,
  (s) => `SUPABASE_SERVICE_ROLE_KEY='${s}'`,
  (s) => `service_role_key: ${s}`,
  (s) => `encryptionKey="${s}" has the wrong length`,
  (s) => `Unauthorized: Authorization: Bearer ${s}`,
  (s) => `headers = {"authorization":"Bearer ${s}","host":"x"}`,
  (s) => `Authorization: Basic ${btoa("admin:" + s)}`,
  (s) => `Authorization: token ${s}`,
  (s) => `Proxy-Authorization: Basic ${btoa("proxy:" + s)}`,
  (s) => `curl -u admin:${s} https://example.com failed with 22`,
  (s) => `Cookie: session=${s}; theme=dark`,
  (s) => `Set-Cookie: sid=${s}; Path=/; HttpOnly`,
  (s) => `{"cookie":"connect.sid=${s}; lang=de"}`,
  (s) => `PHPSESSID=${s} was not found`,
  (s) => `sb-abcdefghijklmnopqrst-auth-token=${s}`,
  (s) => `Key (reset_token)=(${s}) already exists.`,
  (s) => `otp: ${s} does not match`,
  (s) => `The password is "${s}" and it was refused`,
  (s) => `wrong password '${s}' for user app`,
  (s) => `VAULT_TOKEN=${s}`,
  (s) => `webhook_secret => ${s}`,
  (s) => `{"credentials":"${s}"}`,
  (s) => `jwt_secret: "${s}"`,
  (s) => `signing key: ${s}`,
  (s) => `{"pin":"${s}"}`,
];

const PROTECTED_PLACES: readonly Put[] = [
  (s) => `connection to postgres://postgres:${s}@db.example.supabase.co:5432/postgres failed`,
  (s) =>
    `postgresql://app.abcdefghijkl:${s}@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=require refused`,
  (s) => `MongoServerError at mongodb+srv://admin:${s}@cluster0.abcde.mongodb.net/app`,
  (s) => `redis://default:${s}@cache.example.com:6379: connection refused`,
  (s) => `rediss://:${s}@cache.example.com:6380`,
  (s) => `amqp://guest:${s}@mq.example.com/vhost`,
  (s) => `mysql://root:p@${s}/x@db.example.com:3306/app`,
  (s) => `fatal: unable to access 'https://oauth2:${s}@gitlab.com/a/b.git/'`,
  (s) => `error sending request for url (https://user:${s}@api.example.com/v1)`,
  (s) => `ftp://deploy:${s}@ftp.example.com/www: 530 Login incorrect`,
  (s) => `dial root:${s}@tcp(127.0.0.1:3306)/app: connect refused`,
  (s) => `POST https://hooks.slack.com/services/T${made(8)}/B${made(8)}/${s.replace("!", "x")}`,
  (s) => `https://discord.com/api/webhooks/123456789012345678/${s.replace("!", "_")}${made(40, "base64url")}`,
];

function namedSamples(): SecretSample[] {
  return [...NAMED, ...PROTECTED_PLACES].map((put) => {
    const secret = password();
    const text = put(secret);
    const encoded = [
      secret,
      btoa(`admin:${secret}`),
      btoa(`proxy:${secret}`),
      secret.replace("!", "x"),
      secret.replace("!", "_"),
    ];
    return { name: put(`<secret>`).slice(0, 60), text, secrets: encoded.filter((one) => text.includes(one)) };
  });
}

function keySamples(): SecretSample[] {
  const labels = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
  ];
  const whole = labels.map((label) => ({ label, pem: madePem(label) }));
  return [
    ...whole.map(({ label, pem }) => ({
      name: `${label} whole`,
      text: `bad key: ${pem} in config`,
      secrets: pem.split("\n").slice(1, 3),
    })),
    ...whole.slice(0, 3).map(({ label, pem }) => ({
      name: `${label} in JSON`,
      text: JSON.stringify({ private_key: pem }),
      secrets: pem.split("\n").slice(1, 4),
    })),
    ...whole.slice(0, 3).map(({ label, pem }) => ({
      name: `${label} cut off`,
      text: `could not read ${pem.slice(0, 200)}`,
      secrets: [pem.split("\n")[1]!, pem.slice(120, 190)],
    })),
  ];
}

const PERSONAL: readonly string[] = [
  ...[
    "jane.doe@example.com",
    "j+test@mail.example.co.uk",
    "müller@firma.example.de",
    "a_b@x.io",
    "JOHN@EXAMPLE.ORG",
  ],
  ...["o'neil@example.ie", "user%40example.com", "first.last@sub.domain.example.museum"],
  ...["+49 170 1234567", "+1 (555) 234-5678", "+44 20 7946 0958", "+33 6 12 34 56 78", "+4915112345678"],
  ...["+1-202-555-0143", "(415) 555-2671", "415-555-2671", "212.555.0187", "1-800-555-0199", "020 7946 0958"],
  ...[
    "0171-1234567",
    "030/1234567",
    "06 12 34 56 78",
    "+1.415.555.2671",
    "+91 98765 43210",
    "0049 30 1234567",
  ],
  ...[
    "DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
  ],
  ...["078-05-1120", "219-09-9999"],
];

function personalSamples(): SecretSample[] {
  const cards = [
    madeCard("4", 16),
    madeCard("4", 16).replace(/(.{4})(?=.)/g, "$1 "),
    madeCard("51", 16),
    madeCard("2221", 16),
    madeCard("34", 15),
    madeCard("37", 15).replace(/^(.{4})(.{6})(.{5})$/, "$1-$2-$3"),
    madeCard("6011", 16),
    madeCard("36", 14),
    madeCard("35", 16),
    madeCard("55", 16).replace(/(.{4})(?=.)/g, "$1-"),
  ];
  const places: readonly Put[] = [
    (value) => `Key (contact)=(${value}) already exists.`,
    (value) => `user ${value} was not found`,
    (value) => `{"customer":"${value}","plan":"free"}`,
  ];
  return [...PERSONAL, ...cards].flatMap((value, index) =>
    [places[index % 3]!, places[(index + 1) % 3]!].map((put) => ({
      name: value,
      text: put(value),
      secrets: [value],
    }))
  );
}

/** Every sample; the same in each run. */
export const SECRETS: readonly SecretSample[] = [
  ...tokenSamples(),
  ...namedSamples(),
  ...keySamples(),
  ...personalSamples(),
];
