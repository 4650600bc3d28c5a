import { expect, it } from 'vitest';
import type { ClientSession } from './client-session.ts';
import { earliestEndMs } from './ending.ts';

it('counts the earliest expiry of a credential from when its login was sent, however late the response', () => {
  const session = { expiresInSeconds: 2, reply: { sentAtMs: 100, answeredAtMs: 1700 } } as ClientSession;
  const endsAtMs = ({ reply }: ClientSession) => reply.answeredAtMs + 2000;
  expect(earliestEndMs({ endsAtMs }, session)).toBe(2100);
});
