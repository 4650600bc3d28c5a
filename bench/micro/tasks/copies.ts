/** The copy of a session in a second cookie of the client, as the servers' cookie cache reads it. */
import { hmacKey, sessionIds, sessions } from '../inputs.ts';
import { cycleVerifying, INPUTS, type MicroTask } from '../task.ts';
import { signatureChecker, signedText, textOf } from './by-hand.ts';

interface Presented {
  readonly sessionCookie: string;
  readonly copy: string;
}

const bound = (sessionCookie: string, copy: string) => `copy\0${sessionCookie}\0${copy}`;

/** Each one's copy with the other's session cookie. */
const exchanged = (one: Presented, other: Presented): Presented[] => [
  { sessionCookie: one.sessionCookie, copy: other.copy },
  { sessionCookie: other.sessionCookie, copy: one.copy },
];

export const copyTasks: readonly MicroTask[] = [
  {
    name: 'session-copy-verify',
    title: 'check the copy of a session against its session cookie with one HMAC of two SHA-256, and parse it',
    needs: null,
    setup: (context) => {
      const key = hmacKey();
      const matches = signatureChecker(key);
      const asked = Date.now().toString(36);
      const ids = sessionIds(INPUTS);
      const presented = sessions(INPUTS).map(({ user, endsAtMs }, i): Presented => {
        const sessionCookie = signedText(key, ids[i] as string);
        const content = `${asked}.${Buffer.from(JSON.stringify({ user, endsAtMs })).toString('base64url')}`;
        const signature = signedText(key, bound(sessionCookie, content)).slice(-44);
        return { sessionCookie, copy: `${content}${signature}` };
      });
      const read = ({ sessionCookie, copy }: Presented) => {
        const content = textOf(bound(sessionCookie, copy), matches).slice(sessionCookie.length + 6);
        const dot = content.indexOf('.');
        return JSON.parse(Buffer.from(content.slice(dot + 1), 'base64url').toString());
      };
      return cycleVerifying(presented, context, read, exchanged);
    },
  },
];
