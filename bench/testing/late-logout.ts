/** A service whose store is late at the first logout: it is done, and answered with 503. */
import { ROUTES } from '../../servers/contract.ts';
import { readSetCookie, type SetCookie } from '../gate/cookies.ts';
import type { GateTarget } from '../gate/target.ts';
import { serviceTarget } from './service-target.ts';

function cookieOf(line: string): SetCookie {
  const cookie = readSetCookie(line);
  if (cookie === null) throw new Error(`no cookie: ${line}`);
  return cookie;
}

/** @param deletion the cookie that every later logout sets; null for none */
export function lateLogout(deletion: string | null): GateTarget {
  const service = serviceTarget();
  const held = cookieOf('__Host-sid=x; Path=/; Secure; HttpOnly');
  let isLate = true;
  return {
    ...service,
    async login(which, user, options) {
      const session = await service.login(which, user, options);
      return { ...session, cookies: [held], reply: { ...session.reply, cookies: [held] } };
    },
    async write(which, session, path) {
      const answer = await service.write(which, session, path);
      if (path !== ROUTES.logout.path || answer.status !== 204) return answer;
      if (!isLate) return { ...answer, cookies: deletion === null ? [] : [cookieOf(deletion)] };
      isLate = false;
      return { ...answer, status: 503 };
    },
  };
}
