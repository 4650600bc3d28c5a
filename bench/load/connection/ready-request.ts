/** A request prepared for repeated sending, and its expected response. */
import type { PreparedRequest } from '../protocol.ts';
import type { Address } from './connection.ts';
import type { Renewable } from './renewable.ts';
import { renewableRequest } from './request.ts';
import type { Response } from './response.ts';

export interface ReadyRequest {
  readonly bytes: Renewable;
  readonly status: number;
  /** Null accepts any. */
  readonly body: Buffer | null;
}

export function toReadyRequest(address: Address, request: PreparedRequest): ReadyRequest {
  return {
    bytes: renewableRequest(address, request),
    status: request.expectedStatus,
    body: request.expectedBody === null ? null : Buffer.from(request.expectedBody),
  };
}

export function isAsExpected({ status, body }: ReadyRequest, response: Response): boolean {
  return response.status === status && (body === null || body.equals(response.body));
}
