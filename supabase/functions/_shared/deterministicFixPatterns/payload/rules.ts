/** All rules that rename keys and cast values, in the order in which they are asked. @module */

import { arrayElements } from "./cast/arrayElements.ts";
import { bigintValue } from "./cast/bigintValue.ts";
import { booleanNumber } from "./cast/booleanNumber.ts";
import { booleanText } from "./cast/booleanText.ts";
import { checkedWord } from "./cast/checkedWord.ts";
import { commaList } from "./cast/commaList.ts";
import { dateObject } from "./cast/dateObject.ts";
import { dayFirstDate } from "./cast/dayFirstDate.ts";
import { emptyDate } from "./cast/emptyDate.ts";
import { emptyUuid } from "./cast/emptyUuid.ts";
import { enumLabel } from "./cast/enumLabel.ts";
import { epochMilliseconds } from "./cast/epochMilliseconds.ts";
import { epochSeconds } from "./cast/epochSeconds.ts";
import { groupedNumber } from "./cast/groupedNumber.ts";
import { jsonArrayText } from "./cast/jsonArrayText.ts";
import { jsonText } from "./cast/jsonText.ts";
import { midnightDate } from "./cast/midnightDate.ts";
import { nothingWord } from "./cast/nothingWord.ts";
import { numberText } from "./cast/numberText.ts";
import { scalarAsText } from "./cast/scalarAsText.ts";
import { structureAsText } from "./cast/structureAsText.ts";
import { abbreviatedName } from "./rename/abbreviatedName.ts";
import { booleanPrefix } from "./rename/booleanPrefix.ts";
import { callerUuid } from "./rename/callerUuid.ts";
import { idAdded } from "./rename/idAdded.ts";
import { idDropped } from "./rename/idDropped.ts";
import { misspeltWord } from "./rename/misspeltWord.ts";
import { onlyJsonColumn } from "./rename/onlyJsonColumn.ts";
import { onlyName } from "./rename/onlyName.ts";
import { ownPrefixAdded } from "./rename/ownPrefixAdded.ts";
import { ownPrefixDropped } from "./rename/ownPrefixDropped.ts";
import { parameterPrefix } from "./rename/parameterPrefix.ts";
import { participle } from "./rename/participle.ts";
import { pluralName } from "./rename/pluralName.ts";
import { procedurePrefix } from "./rename/procedurePrefix.ts";
import { questionInitials } from "./rename/questionInitials.ts";
import { reorderedName } from "./rename/reorderedName.ts";
import { restatedKind } from "./rename/restatedKind.ts";
import { sizeInitials } from "./rename/sizeInitials.ts";
import { textEnding } from "./rename/textEnding.ts";
import { timeEnding } from "./rename/timeEnding.ts";
import { titleOrName } from "./rename/titleOrName.ts";
import { tokenTotal } from "./rename/tokenTotal.ts";
import { unitSpelling } from "./rename/unitSpelling.ts";
import { urlEnding } from "./rename/urlEnding.ts";
import { altText } from "./synonym/altText.ts";
import { answerText } from "./synonym/answerText.ts";
import { articleBody } from "./synonym/articleBody.ts";
import { articleHeadline } from "./synonym/articleHeadline.ts";
import { biographyWord } from "./synonym/biographyWord.ts";
import { birthDate } from "./synonym/birthDate.ts";
import { commentText } from "./synonym/commentText.ts";
import { companyWord } from "./synonym/companyWord.ts";
import { completionTokens } from "./synonym/completionTokens.ts";
import { documentText } from "./synonym/documentText.ts";
import { documentVector } from "./synonym/documentVector.ts";
import { emailWord } from "./synonym/emailWord.ts";
import { endWord } from "./synonym/endWord.ts";
import { eventName } from "./synonym/eventName.ts";
import { eventProperties } from "./synonym/eventProperties.ts";
import { familyName } from "./synonym/familyName.ts";
import { fileContent } from "./synonym/fileContent.ts";
import { fileName } from "./synonym/fileName.ts";
import { filePath } from "./synonym/filePath.ts";
import { flashcardBack } from "./synonym/flashcardBack.ts";
import { flashcardSides } from "./synonym/flashcardSides.ts";
import { givenName } from "./synonym/givenName.ts";
import { jobError } from "./synonym/jobError.ts";
import { jobKind } from "./synonym/jobKind.ts";
import { jobState } from "./synonym/jobState.ts";
import { linkUrl } from "./synonym/linkUrl.ts";
import { listPosition } from "./synonym/listPosition.ts";
import { logLevel } from "./synonym/logLevel.ts";
import { logMessage } from "./synonym/logMessage.ts";
import { messagesConversation } from "./synonym/messagesConversation.ts";
import { messagesSenderToRole } from "./synonym/messagesSenderToRole.ts";
import { messagesTextToContent } from "./synonym/messagesTextToContent.ts";
import { mimeType } from "./synonym/mimeType.ts";
import { notificationBody } from "./synonym/notificationBody.ts";
import { phoneWord } from "./synonym/phoneWord.ts";
import { pictureUrl } from "./synonym/pictureUrl.ts";
import { portraitUrl } from "./synonym/portraitUrl.ts";
import { postalCode } from "./synonym/postalCode.ts";
import { promptTokens } from "./synonym/promptTokens.ts";
import { reviewScore } from "./synonym/reviewScore.ts";
import { reviewText } from "./synonym/reviewText.ts";
import { settingKey } from "./synonym/settingKey.ts";
import { startWord } from "./synonym/startWord.ts";
import { summaryKeywords } from "./synonym/summaryKeywords.ts";
import { taskDone } from "./synonym/taskDone.ts";
import { taskDue } from "./synonym/taskDue.ts";
import { taskTitle } from "./synonym/taskTitle.ts";
import { websiteUrl } from "./synonym/websiteUrl.ts";
import type { CastRule, NameRule } from "./rule.ts";

/** What keys mean, the surest first; equal names are looked at before all of these. */
export const NAME_RULES: readonly NameRule[] = [
  abbreviatedName,
  pluralName,
  reorderedName,
  booleanPrefix,
  participle,
  textEnding,
  restatedKind,
  idAdded,
  idDropped,
  timeEnding,
  urlEnding,
  unitSpelling,
  parameterPrefix,
  procedurePrefix,
  callerUuid,
  tokenTotal,
  questionInitials,
  sizeInitials,
  ownPrefixAdded,
  ownPrefixDropped,
  onlyName,
  messagesSenderToRole,
  messagesTextToContent,
  messagesConversation,
  documentText,
  documentVector,
  fileContent,
  fileName,
  filePath,
  mimeType,
  taskTitle,
  taskDone,
  taskDue,
  linkUrl,
  altText,
  reviewScore,
  reviewText,
  commentText,
  answerText,
  flashcardSides,
  flashcardBack,
  postalCode,
  emailWord,
  phoneWord,
  companyWord,
  biographyWord,
  givenName,
  familyName,
  portraitUrl,
  pictureUrl,
  birthDate,
  jobState,
  jobKind,
  jobError,
  eventName,
  eventProperties,
  logLevel,
  logMessage,
  promptTokens,
  completionTokens,
  notificationBody,
  articleBody,
  articleHeadline,
  summaryKeywords,
  startWord,
  endWord,
  settingKey,
  listPosition,
  websiteUrl,
  titleOrName,
  onlyJsonColumn,
  misspeltWord,
];

/** What values become, the first that applies and fits. */
export const CAST_RULES: readonly CastRule[] = [
  bigintValue,
  dateObject,
  numberText,
  booleanText,
  booleanNumber,
  epochSeconds,
  epochMilliseconds,
  emptyUuid,
  emptyDate,
  midnightDate,
  jsonText,
  jsonArrayText,
  arrayElements,
  structureAsText,
  scalarAsText,
  enumLabel,
  commaList,
  dayFirstDate,
  nothingWord,
  groupedNumber,
  checkedWord,
];
