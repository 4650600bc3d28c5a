/** A request made ready to be sent again and again, and the answer that it must get. */
import type { PreparedRequest } from '../protocol.ts';
import type { Address } from './connection.ts';
import { requestBytes } from './request.ts';
import type { Response } from './response.ts';

export interface ReadyRequest {
  readonly bytes: Buffer;
  readonly status: number;
  /** Null accepts any. */
  readonly body: Buffer | null;
}

export function makeReady(address: Address, request: PreparedRequest): ReadyRequest {
  return {
    bytes: requestBytes(address, request),
    status: request.expectedStatus,
    body: request.expectedBody === null ? null : Buffer.from(request.expectedBody),
  };
}

export function isAsExpected({ status, body }: ReadyRequest, response: Response): boolean {
  return response.status === status && (body === null || body.equals(response.body));
}
