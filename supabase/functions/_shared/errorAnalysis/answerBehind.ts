/**
 * What the answer says that an error carries unread: the client of edge functions throws the same words for every
 * failure, and the reason stands in the body that nobody has read yet.
 *
 * @module
 */

import { isInstance, isRecord, part } from "../core/unknownValues.ts";
import { type SanitizedError, sanitizeText } from "../errorSanitizer.ts";

/** Longer bodies are pages of a proxy, and slower ones must not hold up the caller. */
const MAX_BYTES = 16_384;
const LIMIT_MS = 500;
const MAX_WORDS = 1_000;
/** `BOOT_ERROR`, and never a code of the database: its fixes are not to be had by an answer that only says so. */
const GATEWAY_CODE = /^[A-Z]{4,30}(?:_[A-Z]{1,30}){0,5}$/;

/** The error with what its answer says; as it is when there is none, or when somebody has read it. */
export async function withAnswer(error: SanitizedError, thrown: unknown): Promise<SanitizedError> {
  const answer = answerOf(thrown);
  if (answer === undefined) return error;
  const { code, message } = wordsIn(await readBriefly(answer));
  const said = message === undefined || error.message.includes(message)
    ? error.message
    : `${error.message}: ${message}`;
  return {
    ...error,
    message: said,
    ...(error.code === undefined && code !== undefined ? { code } : {}),
  };
}

function answerOf(thrown: unknown): Response | undefined {
  const answer = [thrown, part(thrown, "context"), part(thrown, "response")].find((one) =>
    isInstance(one, Response)
  );
  return answer === undefined || answer.bodyUsed || answer.body === null || answer.body.locked
    ? undefined
    : answer;
}

/** Of a copy, so that whoever catches the error can still read it. */
async function readBriefly(answer: Response): Promise<string> {
  try {
    const reader = answer.clone().body!.getReader();
    const timer = setTimeout(() => void reader.cancel().catch(() => {}), LIMIT_MS);
    try {
      return await readText(reader);
    } finally {
      clearTimeout(timer);
      void reader.cancel().catch(() => {});
    }
  } catch {
    return "";
  }
}

async function readText(
  reader: ReadableStreamDefaultReader<ReturnType<TextEncoder["encode"]>>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += decoder.decode(chunk.value, { stream: true });
    if (text.length > MAX_BYTES) break;
  }
  return text.slice(0, MAX_BYTES);
}

function wordsIn(text: string): { code?: string | undefined; message?: string | undefined } {
  const body = parsed(text);
  const inner = isRecord(body) && isRecord(body.error) ? body.error : body;
  if (!isRecord(inner)) return {};
  const message = [inner.message, inner.msg, inner.error].find((one) =>
    typeof one === "string" && one !== ""
  );
  const code = [inner.code, inner.error_code].find((one) =>
    typeof one === "string" && GATEWAY_CODE.test(one)
  );
  return {
    code: code === undefined ? undefined : String(code),
    message: message === undefined ? undefined : sanitizeText(String(message), { maxLength: MAX_WORDS }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
