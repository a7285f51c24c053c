/** Decides from the name of a field, header or variable whether its value is a secret. @module */

/**
 * `secret`: any value is one. `mixed`: a value of letters and digits is one. `maybe`: a value that looks generated
 * is one.
 */
export type NameVerdict = "secret" | "mixed" | "maybe" | "phone" | "no";

const SECRET_WORDS = new Set(
  ("password passwd pwd passphrase passcode passwort passkey secret secrets credential credentials creds apikey " +
    "apikeys authorization bearer otp totp cvv cvc cvv2 ssn jwt pgpassword pgpass mnemonic pin pw psw " +
    "sessionid phpsessid jsessionid accesstoken refreshtoken authtoken idtoken privatekey secretkey accesskey " +
    "connectionstring").split(" "),
);
/** What makes a `key` a secret one, standing before it. */
const KEY_KINDS = new Set(
  ("api secret private access service signing signature encryption encrypt decryption master role auth account " +
    "shared license licence webhook deploy hmac aes storage consumer admin root subscription rsa ssh app " +
    "functions jwt vault").split(" "),
);
/** A `token` of these is a unit of text or a place in a list. */
const HARMLESS_TOKENS = new Set(
  ("page next cursor continuation sync unexpected input output prompt completion total max min stop eos bos pad " +
    "special start end per invalid illegal bad cached reasoning token").split(" "),
);
const CODE_KINDS = new Set(
  "verification security recovery backup reset auth authorization mfa login sms"
    .split(" "),
);
/** A name that ends so tells about the secret, not the secret. */
const HARMLESS_ENDS = new Set(
  ("at count type length len name names required expires expiry exp limit policy id ids ttl url uri endpoint " +
    "provider version strength changed updated valid size min max enabled hint field fields rotation consent " +
    "usage used budget on in until status error errors state algorithm method prefix format schema column path " +
    "attempts retries manager store age domain samesite arn label description title file dir " +
    "mode policy input form page screen button component prompt rule rules validation check table index mismatch")
    .split(" "),
);
const HARMLESS_STARTS = new Set(
  "has is needs requires missing no max min num total count allow show"
    .split(" "),
);
const PHONE = /^(?:.*_)?(?:phone|mobile|cellphone|msisdn|telephone|whatsapp)(?:_?(?:number|no))?$/;

/** A part of every name that has a verdict other than `no`, and of every phrase that announces a secret. */
export const TELLING_PART = new RegExp(
  "pass|pwd|secret|cred|token|auth|bearer|otp|cv[vc]|ssn|jwt|pgp|mnemonic|pin|pw|psw|sess|srf|verifier|sig|sid|dsn|phone|mobile|" +
    "msisdn|whatsapp|connectionstring|identified by|" +
    `(?:${[...KEY_KINDS, "refresh", "client"].join("|")})[^a-z0-9]*keys?|` +
    `(?:${[...CODE_KINDS].join("|")})[^a-z0-9]*code`,
  "i",
);

/** The verdict on a name in any spelling: `apiKey`, `x-api-key`, `SUPABASE_SERVICE_ROLE_KEY`. */
export function judgeName(name: string): NameVerdict {
  const words = splitWords(name);
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (last === "" || HARMLESS_STARTS.has(words[0]!) && words.length > 1) {
    return "no";
  }
  if (HARMLESS_ENDS.has(last)) {
    return /^(?:session|sess)$/.test(before) && last === "id" ? "maybe" : "no";
  }
  if (words.some((word) => SECRET_WORDS.has(word)) || endsSecret(last)) {
    return "secret";
  }
  if (last === "key" || last === "keys") {
    return KEY_KINDS.has(before) ? "secret" : "no";
  }
  if (last === "token") return HARMLESS_TOKENS.has(before) ? "no" : "secret";
  if (last === "tokens") {
    return /^(?:access|refresh|auth|api|session|bearer)$/.test(before) ? "secret" : "no";
  }
  if (last === "pass") return before === "" ? "mixed" : "secret";
  if (/^[cx]srf$/.test(last)) return "mixed";
  if (last === "code") return CODE_KINDS.has(before) ? "secret" : "no";
  if (last === "verifier" && before === "code") return "secret";
  if (/^(?:sig|signature|sid|auth|session|dsn)$/.test(last)) return "maybe";
  return PHONE.test(words.join("_")) ? "phone" : "no";
}

/** `DBPASSWORD` and `clientsecret` are one word. */
function endsSecret(word: string): boolean {
  return /.(?:password|passwd|passphrase|secret|apikey|authtoken|accesstoken|refreshtoken|secretkey|privatekey)$/
    .test(word);
}

function splitWords(name: string): string[] {
  return name.slice(-128)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
