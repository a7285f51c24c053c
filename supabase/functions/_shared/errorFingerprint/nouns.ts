/** Nouns that say what stands beside them: a name of the program, which identifies, or somebody's data. @module */

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** After these stands a name of the schema, the program or its interface. */
export const PROGRAM_NOUNS = setOf(
  "relation table view column columns constraint index schema role type function policy extension trigger database " +
    "publication subscription sequence domain operator class method language tablespace parameter property " +
    "properties field attribute module package bucket model key variable argument option header enum rule aggregate " +
    "procedure collation export import reading setting evaluating hook component resource reference alias between and " +
    "provider plugin action event queue topic job cron flag feature template service step stage task command " +
    "middleware route scope permission template locale workflow node prop attribute loader directive",
);

/** After these, in front of a quote, stands somebody's data. */
export const DATA_NOUNS = setOf(
  "value values literal object input string text token user customer order session file email account id item " +
    "record tenant organization organisation team member invoice request message channel room host address url " +
    "path tag title date statement cursor portal got received found was near slug username handle phone city word " +
    "server client left right identifier search query for by comment note post article product " +
    "coupon voucher song playlist folder document image photo guest patient student author owner label caption " +
    "geocode parse translate translation schedule category project workspace group page event street country filename attachment " +
    "term phrase prompt answer reply subject description nickname company brand sku digest branch timezone zone slot savepoint",
);

/** A person or an organisation; what follows is its name. */
export const PERSON_NOUNS = setOf(
  "user customer member account guest patient student employee author tenant username login subscriber contact buyer " +
    "seller player owner teacher driver vendor merchant organization organisation workspace team company sender " +
    "recipient project benutzer kunde utilisateur usuario",
);

/** A thing that has a number or a code; a token with a digit after it is that code. */
export const NUMBERED_NOUNS = setOf(
  "order invoice ticket booking reservation job task request session device document coupon voucher sku product " +
    "article item seat flight room gate plate parcel container shipment tracking lot serial iban vin transaction " +
    "payment charge subscription message commit deploy deployment build worker pod instance isolate page peer nonce " +
    "wallet address hash tx token trace span upload object guild channel webhook thread digest id ids build " +
    "customer user account patch part batch run execution release player match member call bestellung commande pedido",
);

/** What stands before the value of a pair such as `user=jane` or `user: jane`. */
export const DATA_KEYS = setOf(
  "user username login name email customer tenant account owner author sender recipient title slug city q query search " +
    "text comment file filename rid sid uid id ref sku promo coupon voucher ip host addr address session token trace " +
    "cart order invoice total amount price qty phone mobile org team workspace key request_id user_id trace_id " +
    "session_id order_id requestid userid client up",
);

/** After a person's noun these go on with the sentence and are no name. */
export const NO_NAMES = setOf(
  "not does do did is was are were has had have could cannot can must may should will would with from in on at to " +
    "for and or of by as already because since than id ids name names role roles profile session sessions settings " +
    "setting data table record records agent input info information type service services list permissions details " +
    "portal object key keys error errors state status count limit limits mapping password email token tokens creation " +
    "update deletion login lookup access request requests defined exists registration authentication authorization " +
    "does who that which balance quota plan group groups metadata context claims identity cancelled canceled aborted " +
    "handler pool mapping portal closed denied disabled missing invalid unknown never no was a an the this your our any",
);

/** What stands at the end of a program's name in capitals: `Payment Service` is no person. */
export const PROGRAM_TITLES = setOf(
  "service services gateway server servers api error errors handler provider module worker queue table page component " +
    "function store cache client manager controller job engine database storage auth cloud platform time token key " +
    "request response level security unavailable timeout forbidden found search sync import export report app mode",
);
