/** Errors in a request of valid shape. Pure. */
import type { Fault } from '../../core/text/schema-faults.ts';
import { placeholdersIn } from './placeholders.ts';
import type { Request } from './request-schema.ts';

/** The client sets these headers itself. */
const OWN_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection', 'cookie', 'accept-encoding'];
/** Latin-1 text without a line break; a placeholder's value is checked when it is known. */
export const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

export function statusesOf({ status = 200 }: Pick<Request, 'status'>): readonly number[] {
  return typeof status === 'number' ? [status] : status;
}

/** @param allowed the permitted placeholders; null if they are unknown */
export function oneRequestFaults(at: string, request: Request, allowed: readonly string[] | null): Fault[] {
  const faults: Fault[] = [];
  for (const name of new Set(placeholdersIn(request))) {
    if (allowed !== null && !allowed.includes(name))
      faults.push({ pointer: at, message: `has {{${name}}}`, hint: `it may contain {{${allowed.join('}}, {{')}}}` });
  }
  if (request.json !== undefined && request.form !== undefined)
    faults.push({
      pointer: `${at}/form`,
      message: 'is given in addition to json',
      hint: 'a request has only one body',
    });
  faults.push(...headerFaults(at, request.headers));
  for (const status of statusesOf(request)) {
    if (status >= 400)
      faults.push({
        pointer: `${at}/status`,
        message: `is ${status}, which is a refusal`,
        hint: 'give the status of success',
      });
  }
  return faults;
}

export function headerFaults(at: string, headers: Request['headers'] = {}): Fault[] {
  return Object.entries(headers).flatMap(([name, value]): Fault[] => {
    const pointer = `${at}/headers/${name}`;
    if (OWN_HEADERS.includes(name.toLowerCase()))
      return [{ pointer, message: 'is set by the client', hint: 'leave it out' }];
    if (HEADER_TEXT.test(value)) return [];
    return [{ pointer, message: 'contains a line break or a similar character', hint: 'use latin1' }];
  });
}
