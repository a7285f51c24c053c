/** Every rule, one a file. What a file is read for first stands first. @module */

import { adjacentJsx } from "./rules/adjacentJsx.ts";
import { asyncEffect } from "./rules/asyncEffect.ts";
import { awaitInSyncFunction } from "./rules/awaitInSyncFunction.ts";
import { brokenArrow } from "./rules/brokenArrow.ts";
import { codeFence } from "./rules/codeFence.ts";
import { conditionalHook } from "./rules/conditionalHook.ts";
import { constReassigned } from "./rules/constReassigned.ts";
import { cssMissingSemicolon } from "./rules/cssMissingSemicolon.ts";
import { cssUnclosedBlock } from "./rules/cssUnclosedBlock.ts";
import { duplicateDeclaration } from "./rules/duplicateDeclaration.ts";
import { duplicateDefaultExport } from "./rules/duplicateDefaultExport.ts";
import { duplicateImport } from "./rules/duplicateImport.ts";
import { edgeSpecifier } from "./rules/edgeSpecifier.ts";
import { eventHandlerType } from "./rules/eventHandlerType.ts";
import { hookAfterReturn } from "./rules/hookAfterReturn.ts";
import { hookInCallback } from "./rules/hookInCallback.ts";
import { htmlAttribute } from "./rules/htmlAttribute.ts";
import { htmlCommentInJsx } from "./rules/htmlCommentInJsx.ts";
import { htmlMissingFile } from "./rules/htmlMissingFile.ts";
import { htmlUnclosedElement } from "./rules/htmlUnclosedElement.ts";
import { jsonDuplicateKey } from "./rules/jsonDuplicateKey.ts";
import { jsonSyntax } from "./rules/jsonSyntax.ts";
import { jsxStyleString } from "./rules/jsxStyleString.ts";
import { literalParameterType } from "./rules/literalParameterType.ts";
import { mergeConflict } from "./rules/mergeConflict.ts";
import { mismatchedJsxTag } from "./rules/mismatchedJsxTag.ts";
import { misplacedDirective } from "./rules/misplacedDirective.ts";
import { missingAwait } from "./rules/missingAwait.ts";
import { missingBracket } from "./rules/missingBracket.ts";
import { missingComma } from "./rules/missingComma.ts";
import { missingDefaultExport } from "./rules/missingDefaultExport.ts";
import { missingDependency } from "./rules/missingDependency.ts";
import { missingExport } from "./rules/missingExport.ts";
import { missingFrameworkExport } from "./rules/missingFrameworkExport.ts";
import { missingImport } from "./rules/missingImport.ts";
import { missingImportExtension } from "./rules/missingImportExtension.ts";
import { missingJsxReturn } from "./rules/missingJsxReturn.ts";
import { missingKey } from "./rules/missingKey.ts";
import { missingPackageImport } from "./rules/missingPackageImport.ts";
import { missingReactImport } from "./rules/missingReactImport.ts";
import { missingTypeImport } from "./rules/missingTypeImport.ts";
import { missingUseClient } from "./rules/missingUseClient.ts";
import { misspelledPath } from "./rules/misspelledPath.ts";
import { objectEquals } from "./rules/objectEquals.ts";
import { omittedCode } from "./rules/omittedCode.ts";
import { requireInModule } from "./rules/requireInModule.ts";
import { returnOnOwnLine } from "./rules/returnOnOwnLine.ts";
import { strayBracket } from "./rules/strayBracket.ts";
import { strayJsxTag } from "./rules/strayJsxTag.ts";
import { syntaxError } from "./rules/syntaxError.ts";
import { typescriptInJavascript } from "./rules/typescriptInJavascript.ts";
import { typographicQuote } from "./rules/typographicQuote.ts";
import { unclosedJsx } from "./rules/unclosedJsx.ts";
import { undefinedName } from "./rules/undefinedName.ts";
import { unresolvedImport } from "./rules/unresolvedImport.ts";
import { unterminatedString } from "./rules/unterminatedString.ts";
import { unusedImport } from "./rules/unusedImport.ts";
import { unusedVariable } from "./rules/unusedVariable.ts";
import { voidElement } from "./rules/voidElement.ts";
import { wrongImportKind } from "./rules/wrongImportKind.ts";
import { wrongModule } from "./rules/wrongModule.ts";
import { wrongPathCase } from "./rules/wrongPathCase.ts";
import { wrongRelativePath } from "./rules/wrongRelativePath.ts";
import type { CodeRule } from "./model.ts";
import type { RepairRule } from "./repair.ts";

/** The rules that mend what does not parse, in the order in which they are tried. */
export const REPAIR_RULES: readonly RepairRule[] = [
  typographicQuote,
  htmlCommentInJsx,
  typescriptInJavascript,
  adjacentJsx,
  voidElement,
  mismatchedJsxTag,
  unclosedJsx,
  strayJsxTag,
  brokenArrow,
  objectEquals,
  unterminatedString,
  missingComma,
  missingBracket,
  strayBracket,
];

/** All rules. */
export const CODE_RULES: readonly CodeRule[] = [
  codeFence,
  mergeConflict,
  omittedCode,
  ...REPAIR_RULES,
  asyncEffect,
  awaitInSyncFunction,
  conditionalHook,
  constReassigned,
  cssMissingSemicolon,
  cssUnclosedBlock,
  duplicateDeclaration,
  duplicateDefaultExport,
  duplicateImport,
  edgeSpecifier,
  eventHandlerType,
  hookAfterReturn,
  hookInCallback,
  htmlAttribute,
  htmlMissingFile,
  htmlUnclosedElement,
  jsonDuplicateKey,
  jsonSyntax,
  jsxStyleString,
  literalParameterType,
  misplacedDirective,
  missingAwait,
  missingDefaultExport,
  missingDependency,
  missingExport,
  missingFrameworkExport,
  missingImport,
  missingImportExtension,
  missingJsxReturn,
  missingKey,
  missingPackageImport,
  missingReactImport,
  missingTypeImport,
  missingUseClient,
  misspelledPath,
  requireInModule,
  returnOnOwnLine,
  undefinedName,
  unresolvedImport,
  unusedImport,
  unusedVariable,
  wrongImportKind,
  wrongModule,
  wrongPathCase,
  wrongRelativePath,
  syntaxError,
];
