/** Words that nothing but an equal name may touch: rights, ownership, trust, credentials, consent, money. @module */

/** Rights, ownership, trust, credentials and consent: an equal name or nothing. */
export const SENSITIVE: ReadonlySet<string> = new Set(wordsOf(`
  access acl admin administrator approved approval auth authorization banned blocked certificate claim
  confirmed consent consented credential cvc cvv dosage dose fingerprint gdpr grant granted hash iban
  impersonate jwt locked moderator nonce otp owner passcode passphrase passwd password permission pin
  policy private privilege public hidden visible pwd role salt scope secret signature ssn staff superuser
  suspended tenancy tenant terms token trusted verified visibility optin optout
`));

/** Words for money: an equal name or nothing. */
export const MONEY: ReadonlySet<string> = new Set(wordsOf(`
  amount amt balance bonus budget cash cent charge commission cost credit currency debit debt deposit
  discount earning expense fee gross hourly income interest margin money net paid payment payout premium price
  profit refund refunded rent revenue salary spend subtotal tax tip vat wage withdrawal
`));

/** Tables of which every column is money's: an equal name or nothing. */
export const MONEY_TABLES: ReadonlySet<string> = new Set(wordsOf(`
  account accounting balance billing charge checkout credit debit deposit donation invoice ledger order
  pay payment payout payroll payslip purchase refund settlement transaction transfer wallet withdraw
  withdrawal
`));

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}
