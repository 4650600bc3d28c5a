/** Whether a reply to a service's request is a success. Pure. */
import type { Answer } from '../../bench/gate/http.ts';
import { valueAt } from '../../core/text/pointer.ts';
import type { Request } from '../config/request-schema.ts';
import { statusesOf } from '../config/request-sense.ts';

/** The parts of an answer that decide. */
export type AnswerParts = Pick<Answer, 'status' | 'json' | 'text' | 'header'>;

/** Decides by the status, and by content that only a successful reply has if the configuration specifies it. */
export function isSuccess(request: Pick<Request, 'status' | 'holds'>, answer: AnswerParts): boolean {
  const { holds } = request;
  if (!statusesOf(request).includes(answer.status)) return false;
  if (holds === undefined) return true;
  if ('text' in holds) return answer.text.includes(holds.text);
  if ('location' in holds) return pathOf(answer.header('location') ?? '', holds.location) === holds.location;
  const value = valueAt(answer.json, holds.json);
  return value !== undefined && value !== null && value !== false;
}

/** The path of a redirect, including its query if the expected one has a query. */
function pathOf(location: string, wanted: string): string {
  if (!URL.canParse(location, 'http://service')) return '';
  const { pathname, search } = new URL(location, 'http://service');
  return wanted.includes('?') ? pathname + search : pathname;
}
