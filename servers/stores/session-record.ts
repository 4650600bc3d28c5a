/** The content of a session, and how it is read back. */
import type { Identity } from '../contract.ts';

export interface SessionRecord {
  readonly user: Identity;
  /** The absolute end, in ms since the epoch. */
  readonly endsAtMs: number;
}

/** A session before login: it exists, but belongs to no user. */
export type AnonymousRecord = { readonly user?: never; readonly endsAtMs?: never };

function isIdentity(value: unknown): value is Identity {
  if (typeof value !== 'object' || value === null) return false;
  const { id, username, roles } = value as Partial<Record<keyof Identity, unknown>>;
  return (
    typeof id === 'string' &&
    typeof username === 'string' &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === 'string')
  );
}

/**
 * Reads a stored session, or returns null if it is damaged (broken JSON, a wrong shape): that client has to log in again, and
 * does not get a 500. The check is by hand, since this is on the hot path.
 */
export function readRecord(json: string): SessionRecord | AnonymousRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { user, endsAtMs } = value as { user?: unknown; endsAtMs?: unknown };
  if (user === undefined) return {};
  return isIdentity(user) && typeof endsAtMs === 'number' && Number.isFinite(endsAtMs) ? { user, endsAtMs } : null;
}
