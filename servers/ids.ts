/** Names that nobody can guess: each drawn from the system's generator, and long enough never to come twice. */
import { randomBytes } from 'node:crypto';

/** 256 bits: the id of a session, which is all that a client needs to show. */
export const SESSION_ID_BYTES = 32;
/** 128 bits: the id of a refresh family, which is worth nothing without its HMAC. */
export const FAMILY_ID_BYTES = 16;

/** base64url without padding, 43 characters. */
export const newSessionId = (): string => randomBytes(SESSION_ID_BYTES).toString('base64url');

/** base64url without padding, 22 characters. */
export const newFamilyId = (): string => randomBytes(FAMILY_ID_BYTES).toString('base64url');
