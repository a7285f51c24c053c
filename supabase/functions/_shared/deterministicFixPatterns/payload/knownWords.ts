/** Words that people name columns by, and words that are easily taken for them: none of them is a misspelling. @module */

const WORDS = `
  about abstract accept accepted accommodation account acknowledged action active activity added addition
  address adjusted admin advance advice advise affect agenda agent agreement airline album alert alias
  allergy allocated alternate alternative amenity amount angel angle animal annotation announcement answer
  apartment applicant application appointment approved archived area arrival article artist aspect
  assessment asset assigned assignee assignment assistant associated attach attachment attempt attribute
  audience audio audit auditor author authored automatic available avatar aversion award background balance
  banner barcode baseline batch bathe beneficiary benefit better billing birth birthday bland block blocks
  board body book booked booking bookmark bottom boundary branch brand breadth breath breathe broker browser
  bucket budget build builder business button buyer byte cable cached calculated calendar called caller
  campaign candidate capacity caption captured card carrier cart casual catalog category caught causal
  center certificate challenge chance change changed channel chapter character charge charger chart chat
  check checked checkin checkout checksum chicken chosen circle citation cited city claim class
  classification clause cleaned click client clinic clock closed closet closing cluster coach coast code
  collected collection colon color column combined comment commit committed committee common community
  company comparison compiled complaint complement complete completed completion compliment component
  compressed computed concept conclusion condition conference confidence config confirm conform connected
  connection consumer contact container contend content contest context continent contract contributor
  controller conversation conversion converted cookie coordinate copied copy correct corrected cost costume
  costumer council counsel count counter country county coupon course court cover crated created creation
  creator credit criteria critical curator currency current custom customer customs cycle daily dairy
  dashboard data database date dated deadline dealer debit decision declared default delay deleted delivered
  delivery demand density department departure dependency deploy deposit depth derived description desert
  design designer desired desk dessert destination detach detail details detected developer device devise
  dialog diary dictionary diet difficulty dimension dinner direction director disabled discount discovered
  disease disk dispatch dispatched display distance district division doctor document domain done dosage
  download downloaded draft drawer driver drop dropped duration eating edited edition editor education
  effect elapsed election element elevation eligible email embed embedding emission employee employer
  enabled encoded encrypted endpoint energy engine engineer enrolled enrollment enter entered entity entry
  environment equipment error established estimate estimated evaluation even event evidence examination
  example except excerpt exchange excited executed execution exercise existing exited expand expect expected
  expend expense experience expert expired expires explanation export exported expression extension external
  facility factor failed failure family favorite feature feedback fetched field fields figure file filename
  filled filter final finale finding fingerprint finished first fiscal flag flavor flight floor folder
  follower following footer forecast form formal format former formula forward found foundation fraction
  framework frequency friend fright from fulfilled full function gallery game gateway gender general
  generated generation genre geography given global goal grade grand grant graph gravel greeting group
  grouped guest guide guild handled handler hash header heading headline health heart height hidden history
  holder holiday home host hotel hour hours house household housing html icon identifier identity illness
  image imago impart import imported improvement inactive incident income index indexed indicator individual
  industry info ingested ingredient initial input insect insert inserted inspect inspection installed
  instance institution instruction instructor insurance integer integration intensity intent interest
  internal interval interview introduction invalid inventory invite invited invoice issue issued item
  itinerary join journal keyboard keyword kind kitchen knowledge label labels labor landing landmark
  language last latency later latitude latter launched lawyer layer layout lead leader learned learner
  lecture ledger legal lender lesson letter level lever liability library license like liked likelihood
  limit limitation line link linked list listed listing loaded local locale located location lock locked
  logged login logo longitude looked lookup loose lose loyalty machine mail mailing maintenance manager
  mandatory manger manufacturer mapping margin marital marked marker market martial massage matched material
  matter maturity maximum meaning measure measured measurement medal media medical medication meeting member
  membership memory mental mentioned menu merchant merged message meta metadata metal meter method middle
  migration milestone minimum minor minuet minute missing mission mobile modal mode model modified module
  moment monitor month mood moral morale mount moved movie multiplier music name nation nationality native
  nature negative neighborhood network neutral nickname normal normalized note notes notification notified
  numbed number nutrition object observed obtained occupation occurred occurrence offer offered office
  officer offset older omission ongoing opened opening operation operator opinion opponent option orange
  order ordered ordering organization organizer origin original outcome outer outlet outline output overall
  overview owned owner package packed page pages paid paint painting panel paragraph parameter parcel parent
  parsed participant partner parts party passenger passport password patent path paths patience patient
  pattern paused pavement payload payment pending percentage performance performed period permission person
  personal personnel perspective phase phone photo phrase picked picket picture pinned pipeline place placed
  placement plan plane planet planned planning plans plant plate platform played player playlist plot pocket
  point pointer policy popular population portal portfolio portion position post postal posted poster
  potential potion power practice prayer precede predicted prediction preference prefix prepared
  prescription presented president pressure preview previous price priced primary prime principal principle
  print printed prior priority prison privacy private prize probability problem procedure proceed process
  processed produced producer product production profession professional professor profile program progress
  project projected promote promoted promotion prompt proof property proposal proposed protocol provided
  provider province public publication published publisher pulled purchase purchased purpose pushed
  qualification qualified quality quantity quarter queen query question queue queued quiet quite quiz quota
  quote radius raised random range rank ranked ranking rate rated rating reached reaction reader reading
  ready realized reason reasoning receipt received receiver recent recipe recipient recommendation
  recommended record recorded recovered recovery redirect reduced reference referral referred refreshed
  refund region regional registered registration rejected related relation relationship relative relay
  release released relevance religion rely reminder remote removed renamed renew rental repeated replaced
  reply report reported reporter repository representative reputation request requested required requirement
  research reservation reserved resident resolution resolved resort resource responded response responsible
  restaurant restored result resumed retail retailer retention retry returned revenue review reviewed
  reviewer revised revision revoked reward reword role room round rounded route router rule ruler rules
  running runtime salary sale sales sample satisfaction saved savings scale scanned scene scent schedule
  scheduled schema scheme scholarship school scope score screen screenshot search searched season seat
  secession second seconds secret section sector secured security segment selected selection seller semester
  sender sensor sent sentence sentiment separate sequence serial series server service serving session
  setting settled settlement seven severity shape shard share shared sharp shelter shift shipment shipped
  shipper shipping shirt shopped short show sight signal signature signed signup silent similarity simple
  singed single site sites size skill skipped slot slug snapshot snippet social software solution solved
  sort sorted source sourced speaker special species specification speed spent sponsor sport spring staff
  stage standard star staring stars start started starter starting state statement static station stationary
  stationery statistic stats statue stature status step stock stopped storage store stored story strategy
  stream street strength string strong structure student studio style styled subject submission submitted
  subscriber subscription subtitle subtotal subtype success successful suffix suggested suggestion suite
  summary supplied supplier supply support supported surface survey suspended switch syllabus symbol symptom
  synced system table tables tagged tailor taken talent target task teacher team technical technique
  technology telephone temperature template temporary tenant tender term terminal territory test tested
  testimonial text texted texture theme therapy thickness thing thorough though thought thread threshold
  through thumbnail ticket time timer times timestamp tissue title titled token tokens tool topic total
  totals tournament tower track tracked tracking tracks trade traded traffic trail trailer train trained
  trainee trainer training transaction transcript transfer transferred transition translated translation
  transport travel traveler treat treatment trend trial tried trigger triggered trip tropic truck truly
  trust trusted tutorial type typed under unique unit unite united units university unload unlocked untied
  until update updated upgrade upload uploaded usable usage used user username users using utility vacation
  valid validated validation value valve variable variant vector vehicle velocity vendor venue verdict
  verification verified version vertical video view viewed viewer views village violation virtual visibility
  visible visit visited visitor vital vocabulary vocation voice volume votes voucher wait waiter wallet
  warehouse warning warranty waste watched water wealth weapon weather webhook website week weekly weight
  weighted welcome wheel where whether which while widow width window winner withdrawn word words work
  worker workflow workout works workspace world would writer written wrote year yearly years yield yields
  young zone
`;

/** Words that are right as they stand. */
export const KNOWN_WORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));
