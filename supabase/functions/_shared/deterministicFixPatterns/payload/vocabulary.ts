/** Words that decide: what is short for what, what is sensitive, what is money, what is the opposite of what. @module */

/** Short forms and other spellings with one meaning, and what they stand for. */
export const ABBREVIATIONS: Readonly<Record<string, string>> = {
  addr: "address",
  args: "arguments",
  attrs: "attributes",
  avg: "average",
  bg: "background",
  cancelled: "canceled",
  cat: "category",
  catalogue: "catalog",
  centre: "center",
  cfg: "config",
  configuration: "config",
  cnt: "count",
  colour: "color",
  cust: "customer",
  dept: "department",
  desc: "description",
  descr: "description",
  dest: "destination",
  doc: "document",
  docs: "document",
  emp: "employee",
  env: "environment",
  err: "error",
  fav: "favorite",
  favourite: "favorite",
  grey: "gray",
  idx: "index",
  img: "image",
  imgs: "image",
  info: "information",
  lang: "language",
  lat: "latitude",
  len: "length",
  licence: "license",
  lng: "longitude",
  lon: "longitude",
  max: "maximum",
  meta: "metadata",
  mgr: "manager",
  min: "minimum",
  msg: "message",
  msgs: "message",
  num: "number",
  org: "organization",
  organisation: "organization",
  params: "parameters",
  pct: "percent",
  pos: "position",
  prefs: "preferences",
  prev: "previous",
  props: "properties",
  qty: "quantity",
  ref: "reference",
  req: "request",
  res: "response",
  resp: "response",
  thumb: "thumbnail",
  tgt: "target",
  txt: "text",
  uid: "user id",
  usr: "user",
  val: "value",
  ver: "version",
};

/** Rights, ownership, trust, credentials and consent: an equal name or nothing. */
export const SENSITIVE: ReadonlySet<string> = new Set([
  "access", "acl", "admin", "administrator", "approved", "approval", "auth", "authorization", "banned", "blocked",
  "certificate", "claim", "confirmed", "consent", "consented", "credential", "cvc", "cvv", "dosage", "dose", "fingerprint",
  "gdpr", "grant", "granted", "hash", "iban", "impersonate", "jwt", "locked", "moderator", "nonce", "otp", "owner", "passcode",
  "passphrase", "passwd", "password", "permission", "pin", "policy", "private", "privilege", "pwd", "role", "salt", "scope",
  "secret", "signature", "ssn", "staff", "superuser", "suspended", "tenancy", "tenant", "terms", "token", "trusted",
  "verified", "visibility", "optin", "optout",
]);

/** Words for money: an equal name or nothing. */
export const MONEY: ReadonlySet<string> = new Set([
  "amount", "amt", "balance", "bonus", "budget", "cash", "cent", "charge", "commission", "cost", "credit", "currency", "debit",
  "debt", "deposit", "discount", "earning", "expense", "fee", "gross", "income", "interest", "margin", "money", "net", "paid",
  "payment", "payout", "premium", "price", "profit", "refund", "refunded", "rent", "revenue", "salary", "spend", "subtotal",
  "tax", "tip", "vat", "wage", "withdrawal",
]);

/** Tables of which every column is money's: an equal name or nothing. */
export const MONEY_TABLES: ReadonlySet<string> = new Set([
  "account", "accounting", "balance", "billing", "charge", "checkout", "credit", "debit", "deposit", "donation", "invoice",
  "ledger", "order", "pay", "payment", "payout", "payroll", "payslip", "purchase", "refund", "settlement", "transaction",
  "transfer", "wallet", "withdraw", "withdrawal",
]);

/** Words of which a name means the contrary, or another end, when one stands in place of the other. */
const OPPOSITES: readonly (readonly string[])[] = [
  ["minimum", "maximum"],
  ["enabled", "disabled"],
  ["enable", "disable"],
  ["active", "inactive", "deactivated"],
  ["visible", "hidden", "invisible"],
  ["public", "private"],
  ["open", "opened", "close", "closed"],
  ["first", "last"],
  ["start", "end"],
  ["start", "finish"],
  ["start", "stop"],
  ["begin", "end"],
  ["begin", "finish"],
  ["front", "back"],
  ["from", "to"],
  ["source", "target", "destination"],
  ["sender", "receiver", "recipient"],
  ["input", "output"],
  ["before", "after"],
  ["previous", "next", "current"],
  ["old", "new"],
  ["left", "right"],
  ["up", "down"],
  ["top", "bottom"],
  ["in", "out"],
  ["success", "failure", "error"],
  ["read", "unread", "write"],
  ["published", "unpublished", "draft"],
  ["allow", "deny", "allowed", "denied"],
  ["include", "exclude", "included", "excluded"],
  ["required", "optional"],
  ["online", "offline"],
  ["parent", "child"],
  ["width", "height", "depth", "weight", "length"],
  ["latitude", "longitude"],
  ["upper", "lower"],
  ["high", "low"],
  ["day", "night"],
  ["question", "answer"],
  ["request", "response"],
  ["prompt", "completion"],
  ["prompt", "output"],
  ["input", "completion"],
  ["billing", "shipping"],
  ["home", "work"],
  ["created", "updated", "modified", "deleted", "archived", "published", "expired", "expire", "completed", "started", "ended",
    "opened", "closed", "sent", "received", "canceled", "scheduled", "resolved", "due", "read", "seen", "joined"],
];

/** The groups of opposites of each word. */
export const OPPOSITES_OF: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  [...new Set(OPPOSITES.flat())].map((word) => [word, OPPOSITES.filter((group) => group.includes(word))]),
);

/** Units, and the one name that each is compared by. */
export const UNITS: Readonly<Record<string, string>> = {
  ms: "ms", msec: "ms", milli: "ms", millisecond: "ms", milliseconds: "ms", millis: "ms",
  s: "s", sec: "s", secs: "s", second: "s", seconds: "s", us: "us", ns: "ns",
  min: "min", mins: "min", minute: "min", minutes: "min", h: "h", hr: "h", hrs: "h", hour: "h", hours: "h",
  day: "d", days: "d", d: "d", week: "w", weeks: "w", month: "mo", months: "mo", year: "y", years: "y",
  b: "b", byte: "b", bytes: "b", kb: "kb", mb: "mb", gb: "gb", kib: "kib", mib: "mib", bit: "bit", bits: "bit",
  g: "g", gram: "g", grams: "g", kg: "kg", kgs: "kg", lb: "lb", lbs: "lb", pound: "lb", pounds: "lb", oz: "oz", mg: "mg", ml: "ml",
  l: "l", liter: "l", liters: "l", litre: "l", m: "m", meter: "m", meters: "m", metre: "m", cm: "cm", mm: "mm", km: "km",
  mi: "mi", mile: "mi", miles: "mi", ft: "ft", feet: "ft", inch: "in", inches: "in", px: "px", pixel: "px", pixels: "px",
  c: "c", celsius: "c", f: "f", fahrenheit: "f", k: "k", kelvin: "k", deg: "deg", degree: "deg", degrees: "deg",
  rad: "rad", kmh: "kmh", mph: "mph", percent: "%", percentage: "%", pct: "%", ratio: "ratio",
  cent: "cents", cents: "cents", usd: "usd", eur: "eur", gbp: "gbp", dollars: "usd", euros: "eur",
  cal: "cal", kcal: "kcal", calories: "cal", bps: "bps", mbps: "mbps", hz: "hz", w: "watt", kw: "kw", kwh: "kwh", utc: "utc",
};

/** Words of a span of time, which is no moment. */
export const RELATIVE: ReadonlySet<string> = new Set([
  "in", "after", "ttl", "duration", "age", "timeout", "delay", "interval", "lifetime", "remaining", "elapsed", "offset",
]);

/** Words of a moment. */
export const ABSOLUTE: ReadonlySet<string> = new Set(["at", "on", "date", "time", "timestamp", "datetime"]);
