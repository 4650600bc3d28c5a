/** Check 74: the copy of a session that a client holds in addition to its session cookie. */
import { ROUTES } from '../../../servers/contract.ts';
import { alterations } from '../attacks/alter.ts';
import { allOf, type Check, fail, guards, verdict } from '../check.ts';
import type { ClientSession, Cookie } from '../client-session.ts';
import { endOnceServed } from '../end-credential.ts';
import { useAll } from '../ending.ts';
import { readOnceServed } from '../served.ts';
import { type GateTarget, isFor } from '../target.ts';

/** Returns the cookies other than the session cookie. */
const copiesOf = ({ cookies }: ClientSession): readonly Cookie[] => cookies.slice(1);

/** The same client with its copies replaced by the result of `change`. */
function withCopies(session: ClientSession, change: (copy: Cookie, index: number) => string): ClientSession {
  const [first, ...copies] = session.cookies;
  const changed = copies.map((copy, i) => ({ name: copy.name, value: change(copy, i) }));
  return { ...session, cookies: first === undefined ? changed : [first, ...changed] };
}

/** Reads with every client: the responses must be for its own session, or refusals. @returns the faults */
async function misread(target: GateTarget, clients: readonly (readonly [what: string, client: ClientSession])[]) {
  const faults: string[] = [];
  for (const [what, client] of clients) {
    const answer = await readOnceServed(target, 1, client);
    if (answer.status !== 401 && !isFor(answer, client.user)) faults.push(`${what}: answered for somebody else`);
  }
  return faults;
}

/** Reads with clients whose session has ended, so that only the copy could be accepted. @returns what was accepted */
async function accepted(target: GateTarget, clients: readonly (readonly [what: string, client: ClientSession])[]) {
  const faults: string[] = [];
  for (const [what, client] of clients) {
    const { status } = await readOnceServed(target, 1, client);
    if (status !== 401) faults.push(`${what}: got ${status}`);
  }
  return faults;
}

const authentic: Check = {
  id: 74,
  name: 'a copy of a session is trusted only as signed, and only with its own session',
  family: 'session',
  refs: ['ASVS 7.2.1', 'ASVS 9.1.1'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), arm.boundSetting === 'cookieCacheMs' || 'the client has no copy'),
  async run(target) {
    const own = await target.login(0, target.freshUser());
    const other = await target.login(0, target.freshUser());
    const copies = copiesOf(own);
    const others = copiesOf(other).map(({ value }) => value);
    if (copies.length === 0) return fail('the login set no copy of the session');
    await useAll(
      target,
      [own, other].map((session) => ({ session, replicas: [0, 1] as const })),
    );
    const foreign = withCopies(own, (_, i) => others[i] ?? '');
    const alone: ClientSession = { ...own, cookies: copies };
    const faults = [
      ...(await misread(target, [['the copy of another session', foreign]])),
      ...(await accepted(target, [['a copy without its session', alone]])),
    ];
    const again = await target.login(0, own.user);
    const { answer, hasEnded } = await endOnceServed(() => target.write(0, own, ROUTES.logout.path));
    if (!hasEnded) return fail(`logout returned ${answer.status}`);
    const altered = copies.flatMap((copy, i) =>
      alterations(copy.value, others[i] ?? '').map(
        ([what, value]) => [what, withCopies(own, (old, j) => (i === j ? value : old.value))] as const,
      ),
    );
    const newer = copiesOf(again).map(({ value }) => value);
    const mixed = [
      ['the copy of another session', foreign],
      ['the copy of another session of the same user', withCopies(own, (_, i) => newer[i] ?? '')],
      ['no copy', { ...own, cookies: own.cookies.slice(0, 1) }],
    ] as const;
    faults.push(...(await accepted(target, [...altered, ...mixed])));
    return verdict(faults, `${altered.length} alterations and ${mixed.length + 2} combinations were refused`);
  },
};

export const SESSION_COPIES: readonly Check[] = [authentic];
