/** Unguessable ids, from the system's random generator and long enough never to collide. */
import { randomBytes } from 'node:crypto';

/** 256 bits for the id of a session, which alone authenticates a client. */
const SESSION_ID_BYTES = 32;
/** 128 bits for the id of a refresh family, which is worthless without its HMAC. */
const FAMILY_ID_BYTES = 16;

/** base64url without padding, 43 characters. */
export const newSessionId = (): string => randomBytes(SESSION_ID_BYTES).toString('base64url');

/** base64url without padding, 22 characters. */
export const newFamilyId = (): string => randomBytes(FAMILY_ID_BYTES).toString('base64url');
