/** Checks 48 and 49: what a failed login or another error reveals. */
import { Compile } from 'typebox/schema';
import { median } from '../../../core/stats/location.ts';
import { Problem, ROUTES } from '../../../servers/contract.ts';
import type { User } from '../../fleet/secrets.ts';
import { type Check, guards, verdict } from '../check.ts';
import { type Answer, bytesOf } from '../http.ts';
import { onceServed } from '../once-served.ts';
import type { GateTarget } from '../target.ts';
import { stranger, WRONG } from '../wrong-logins.ts';

const common = { family: 'login', quick: false, appliesTo: guards } as const;

/** Returns what distinguishes answers for a client, except the time and values that are always new. */
function looks({ status, text, all, cookies }: Answer): string {
  const headers = ['content-type', 'www-authenticate', 'cache-control'].map(all);
  return JSON.stringify([status, text, headers, cookies.map(({ name, deletes }) => [name, deletes])]);
}

const PAIRS = 25;
/** Hashing is most of the time of a login here, so skipping it saves nearly all of that time. */
const TELLING_PART = 0.4;

/** Returns how much sooner unknown users are answered, as a part of a known user's failed login; medians over pairs. */
async function timeTold(target: GateTarget, known: User): Promise<number> {
  const differences: number[] = [];
  const times: number[] = [];
  const timed = async (user: Pick<User, 'username' | 'password'>) => {
    const { sentAtMs, answeredAtMs } = await target.tryLogin(0, user);
    return answeredAtMs - sentAtMs;
  };
  for (let pair = 0; pair < PAIRS; pair++) {
    const someone = { username: known.username, password: WRONG };
    const nobody = stranger(known, pair);
    // Alternate, so that a change of the machine's speed favours neither.
    const first = await timed(pair % 2 === 0 ? someone : nobody);
    const second = await timed(pair % 2 === 0 ? nobody : someone);
    const [knownMs, strangerMs] = pair % 2 === 0 ? [first, second] : [second, first];
    differences.push(knownMs - strangerMs);
    times.push(knownMs);
  }
  return median(differences) / median(times);
}

/** A stall of the machine may look like a leak once, but not repeatedly in the same direction, as a leak does. */
const ATTEMPTS = 3;

/** Repeats the measurement until the difference is too small to matter, or was large each time. */
async function timeToldEachTime(target: GateTarget, known: User): Promise<number> {
  let least = await timeTold(target, known);
  for (let again = 1; again < ATTEMPTS && Math.abs(least) >= TELLING_PART; again++) {
    const part = await timeTold(target, known);
    if (Math.sign(part) !== Math.sign(least)) return 0;
    if (Math.abs(part) < Math.abs(least)) least = part;
  }
  return least;
}

const problem = Compile(Problem);
/** Stack traces, file names and error classes, which should not reach a client. */
export const INSIDES =
  /\n\s+at |\bat \S+ \(|node_modules|node:internal|\.[cm]?[jt]s:\d+|\b\w*Error:|ECONN\w+|\/(home|usr|srv|app|work)\//;
const TELLING_HEADERS = ['server', 'x-powered-by', 'x-error', 'x-stack'] as const;

/** Requests that fail in different ways. */
function wrongRequests(target: GateTarget): readonly (readonly [what: string, bytes: Buffer])[] {
  const endpoint = target.endpoint(0);
  const post = (what: string, path: string, type: string, text: string) =>
    [what, bytesOf(endpoint, { method: 'POST', path, body: { type, text } })] as const;
  const get = (what: string, path: string, headers: Record<string, string> = {}) =>
    [what, bytesOf(endpoint, { method: 'GET', path, headers })] as const;
  const json = 'application/json';
  return [
    post('truncated JSON', ROUTES.login.path, json, '{"username":'),
    post('JSON of the wrong shape', ROUTES.login.path, json, '{"username":{"$ne":null},"password":[]}'),
    post(
      'a prototype pollution attempt',
      ROUTES.login.path,
      json,
      '{"__proto__":{"admin":true},"username":"a","password":"b"}',
    ),
    post('no body at all', ROUTES.login.path, json, ''),
    post('a body that is too large', ROUTES.login.path, json, JSON.stringify({ username: 'a'.repeat(40_000) })),
    post('an unsupported media type', ROUTES.login.path, 'application/xml', '<login/>'),
    post('a refresh without a token', ROUTES.refresh.path, json, '{"refreshToken":"."}'),
    get('an unknown path', '/no/such/page'),
    get('a broken percent-encoding', '/%zz'),
    get('no credential', ROUTES.me.path),
    get('an invalid token', ROUTES.me.path, { authorization: 'Bearer a.b.c' }),
    get('an invalid cookie', ROUTES.me.path, { cookie: 'sid=%; token=%; __Host-sid=%' }),
    ['a line that is not HTTP', Buffer.from('NONSENSE\r\n\r\n')],
    get('a header that is too large', ROUTES.me.path, { cookie: `sid=${'a'.repeat(40_000)}` }),
  ];
}

/** What an error reveals, whatever its status. */
function tellTale(what: string, answer: Answer | null): string[] {
  if (answer === null) return [`${what} was not answered`];
  const { text, json, header } = answer;
  const faults: string[] = [];
  if (!problem.Check(json) || !header('content-type')?.startsWith('application/problem+json'))
    faults.push(`${what} did not return a problem document`);
  if (INSIDES.test(text)) faults.push(`the answer to ${what} reveals internals`);
  for (const name of TELLING_HEADERS) if (header(name) !== null) faults.push(`the answer to ${what} has ${name}`);
  return faults;
}

export const LOGIN: readonly Check[] = [
  {
    ...common,
    id: 48,
    name: 'does not reveal who has an account, by status, words or time',
    refs: ['ASVS 6.3.8'],
    variant: 'guessed',
    timeoutMs: 60_000,
    async run(target) {
      const [known, gone] = [target.freshUser(), target.freshUser()];
      await target.disable(0, gone);
      const wrong = await target.tryLogin(0, { username: known.username, password: WRONG });
      const others = [
        ['an unknown user', await target.tryLogin(0, stranger(known, 0))],
        ['a disabled user with a wrong password', await target.tryLogin(0, { ...gone, password: WRONG })],
        ['a disabled user with the right password', await target.tryLogin(0, gone)],
      ] as const;
      const faults = wrong.status === 401 ? [] : [`a wrong password got ${wrong.status}`];
      for (const [who, answer] of others)
        if (looks(answer) !== looks(wrong)) faults.push(`${who} gets a different response than a wrong password`);
      const told = await timeToldEachTime(target, known);
      const percent = Math.round(Math.abs(told) * 100);
      if (Math.abs(told) > TELLING_PART)
        faults.push(`unknown users get a response ${percent} % ${told > 0 ? 'sooner' : 'later'}`);
      return verdict(faults, `the responses are the same, and their times differ by ${percent} % over ${PAIRS} pairs`);
    },
  },
  {
    ...common,
    id: 49,
    name: 'reveals nothing internal in errors',
    refs: ['ASVS 16.5.1', 'ASVS 13.4.6'],
    quick: true,
    variant: 'standard',
    async run(target) {
      const wrong = wrongRequests(target);
      const faults = new Set<string>();
      for (const [what, bytes] of wrong) {
        const last = await onceServed(async () => {
          const answer = await target.send(0, bytes);
          // The error of a late store must reveal nothing either.
          for (const fault of tellTale(what, answer)) faults.add(fault);
          return answer;
        });
        if (last !== null && (last.status < 400 || last.status >= 500)) faults.add(`${what} got ${last.status}`);
      }
      return verdict([...faults], `${wrong.length} kinds of error returned only a problem document`);
    },
  },
];
