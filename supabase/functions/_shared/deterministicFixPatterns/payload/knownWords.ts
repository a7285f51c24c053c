/** Words that people name columns by, and words that are easily taken for them: none of them is a misspelling. @module */

const WORDS = `
  about accept account action active activity addition address advice advise affect agent album alias amount
  angel angle answer archived article artist asset assignee attach attachment attempt attribute auditor
  author avatar aversion background balance banner bathe better birth birthday bland block blocks body book
  booking brand breadth breath breathe browser bucket budget build button cable campaign caption card cart
  casual category causal chance change changed channel chapter charge charger chat check checked chicken
  cited city class client clinic clock closed closet coast code colon color column comment company
  complement complete completed completion compliment component condition config confirm conform contact
  contend content contest context contract conversation cost costumer council counsel count country county
  coupon course court cover crated created creator credit curator currency customer daily dairy data
  database date dated deadline debit default delay deleted delivery department deploy description desert
  design desk dessert destination detach detail details device devise diary diet difficulty dinner direction
  disabled discount disk display distance district document domain done draft duration eating edition editor
  education effect element email embedding emission enabled endpoint enter entity entry environment error
  even event except excerpt excited exited expand expect expend experience expert expired expires export
  extension favorite feature feedback field fields file filename filter final finale first flag flight
  folder form formal format former friend fright from full function gallery game gender genre goal grade
  grand grant gravel group grouped guest guide guild hash header headline height hidden history holder home
  host hotel hour hours house html icon image imago impart import inactive index indexed industry info
  ingredient input insect insert inspect instruction integration interest invite invoice issue item join
  journal keyword kind label labels labor language last later latitude latter lawyer layer lead leader
  lender lesson letter level lever library license like liked limit line link linked list listed local
  locale location locked login logo longitude looked loose lose mail manager manger marital marker market
  martial massage maximum medal media member memory mental menu message meta metadata metal method minimum
  minuet minute mission modal mode model module month mood moral morale movie music name nation network
  nickname note notes notification numbed number object occupation offer office older omission opened
  opinion option orange order organization origin outer output owned owner page pages paint parent parts
  party password patent path paths patience patient pattern pavement payload payment period permission
  person personal personnel phase phone photo phrase picket picture place plan plane planet plans plant
  plate platform player plot point policy portion position post postal posted poster potion power prayer
  precede preference preview price priced prime principal principle print priority prison privacy private
  prize proceed process product profile progress project promote prompt property provider public published
  purpose quality quantity queen query question queue quiet quite quota quote raised range rank ranked rate
  rated rating reader ready reason recipe recipient record reference region relay release religion rely
  reminder remote renew reply report request required resort response result retail review reward reword
  role room round route router rule ruler rules salary sale sales scale scene scent scheduled schema school
  scope score screen search season seat secession second secret section sector secured segment selected
  sender sent sequence server service session setting seven severity shape shard share shared sharp shift
  shipped shipping shirt shopped short show sight signature signed singed site sites size skill slot slug
  snippet sort sorted source speaker speed sport spring stage star staring stars start started starting
  state static station stationary stationery statistic stats statue stature status step stock storage store
  stored story street string strong student style styled subject subtitle subtotal suggestion summary
  supplier support system table tables tailor target task teacher team temperature template tenant tender
  term test tested text texted theme thing thorough though thought thread through thumbnail ticket time
  timer times timestamp tissue title titled token tool topic total totals tower track tracks trade trail
  trailer train training transaction transcript travel treat trend trial tried trigger trip tropic truck
  truly trust type under unit unite united university unload untied until update updated upload usage used
  user username users using valid value valve variable variant vector vehicle vendor verified version video
  view viewer views visible visit vital vocation voice volume votes wait waiter warehouse warning waste
  water weather website week weight wheel where whether which while widow width window winner word words
  work worker workflow workout works workspace world would writer wrote year years yields young zone
`;

/** Words that are right as they stand. */
export const KNOWN_WORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));
