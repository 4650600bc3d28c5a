/** Checks 47, 57, 58 and 66: limits of password guessing. */
import type { ArmInfo } from '../../../servers/contract.ts';
import type { User } from '../../fleet/secrets.ts';
import { type Check, fail, guards, limit, pass } from '../check.ts';
import { onceServed } from '../once-served.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';
import { stranger, WRONG } from '../wrong-logins.ts';

const common = { family: 'login', quick: false, appliesTo: guards } as const;
const AT_ONCE = 24;

/** Headers by which a client could claim to be another each time; only those of a trusted proxy count, and there is none. */
function disguise(n: number): Record<string, string> {
  const address = `198.51.100.${n + 1}`;
  return {
    'x-forwarded-for': address,
    forwarded: `for=${address}`,
    'x-real-ip': address,
    'x-client-ip': address,
    'true-client-ip': address,
    'cf-connecting-ip': address,
    'user-agent': `client ${n}`,
    'accept-language': `en;q=0.${n + 1}`,
  };
}

/** Fails logins of one user, alternating between replicas, until one is refused for their number; null if none is. */
async function failuresAllowed(target: GateTarget, user: User, atMost: number): Promise<number | null> {
  for (let failures = 0; failures <= atMost; failures++) {
    const which: Which = failures % 2 === 0 ? 0 : 1;
    const { status, header } = await target.tryLogin(
      which,
      { username: user.username, password: WRONG },
      disguise(failures),
    );
    if (status === 429) {
      if (!/^[1-9]\d*$/.test(header('retry-after') ?? '')) throw new Error('429 has no Retry-After');
      return failures;
    }
    if (status !== 401) throw new Error(`a wrong password got ${status}`);
  }
  return null;
}

/** Names that a server may take for this one where it looks up users, but not where it counts failures. */
const spellings = (name: string): string[] => [
  ` ${name}`,
  `${name} `,
  `${name}\t`,
  `${name}\0`,
  `${name}\u200b`,
  name.toUpperCase() === name ? name.toLowerCase() : name.toUpperCase(),
  name.replaceAll(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
];

const perReplica = (arm: ArmInfo): string | null =>
  arm.usesRedis ? null : 'the counts are not shared: each replica counts failed logins separately';

export const LOGIN_LIMITS: readonly Check[] = [
  {
    ...common,
    id: 47,
    name: 'limits failed logins across replicas',
    refs: ['ASVS 6.3.1'],
    variant: 'limited',
    limitOf: perReplica,
    async run(target) {
      const allowed = target.settings.failedLoginsPerUser ?? 0;
      const [user, neighbour] = [target.freshUser(), target.freshUser()];
      const failures = await failuresAllowed(target, user, 2 * allowed + 2);
      if (failures === null) return fail(`none of ${2 * allowed + 3} wrong passwords was refused`);
      const right = await Promise.all(([0, 1] as const).map((which) => onceServed(() => target.tryLogin(which, user))));
      if (failures < allowed) return fail(`a login was refused after ${failures} failures, ${allowed} are allowed`);
      const { status } = await onceServed(() => target.tryLogin(0, neighbour));
      if (status !== 200) return fail(`meanwhile another user got ${status}`);
      for (const username of spellings(user.username)) {
        const respelled = await onceServed(() => target.tryLogin(0, { username, password: user.password }));
        if (respelled.status === 200) return fail('the locked-out user could log in with another spelling of the name');
      }
      if (failures > allowed)
        return limit(`two replicas accepted ${failures} wrong passwords; the limit is ${allowed}`);
      // Otherwise a correct guess would be distinguishable from wrong ones.
      const let_in = right.filter((answer) => answer.status !== 429);
      if (let_in.length > 0) return fail('the correct password was accepted while the user was locked out');
      return pass(`after ${failures} failures over two replicas the user was refused at both, and nobody else`);
    },
  },
  {
    ...common,
    id: 57,
    name: 'limits failed logins from one address, whatever names and headers are tried',
    refs: ['ASVS 6.3.1'],
    variant: 'addressed',
    limitOf: perReplica,
    async run(target) {
      const allowed = target.settings.failedLoginsPerAddress ?? 0;
      const known = target.freshUser();
      for (let failures = 0; failures <= 2 * allowed; failures++) {
        const which: Which = failures % 2 === 0 ? 0 : 1;
        const { status } = await target.tryLogin(which, stranger(known, failures), disguise(failures));
        if (status === 401) continue;
        if (status !== 429) return fail(`a wrong password got ${status}`);
        if (failures < allowed)
          return fail(`an address was refused after ${failures} failures, ${allowed} are allowed`);
        return failures === allowed
          ? pass(`after ${failures} failures with as many names and claimed addresses, the address was refused`)
          : limit(`two replicas accepted ${failures} wrong passwords; the limit is ${allowed}`);
      }
      return fail(`${2 * allowed + 1} names and claimed addresses were tried from one address and none was refused`);
    },
  },
  {
    ...common,
    id: 58,
    name: 'counts failed logins of unknown names as of known ones',
    refs: ['ASVS 6.3.8'],
    variant: 'limited',
    async run(target) {
      const allowed = target.settings.failedLoginsPerUser ?? 0;
      const known = target.freshUser();
      const statuses = async (username: string) => {
        const seen: number[] = [];
        for (let i = 0; i <= allowed; i++) seen.push((await target.tryLogin(0, { username, password: WRONG })).status);
        return seen.join(', ');
      };
      const [real, unknown] = [await statuses(known.username), await statuses(stranger(known, 9).username)];
      return real === unknown ? pass(`both get ${real}`) : fail(`a known name gets ${real}, an unknown one ${unknown}`);
    },
  },
  {
    ...common,
    id: 66,
    name: 'evaluates no more guesses when they are sent simultaneously',
    refs: ['ASVS 6.3.1'],
    variant: 'limited',
    limitOf: perReplica,
    async run(target) {
      const allowed = target.settings.failedLoginsPerUser ?? 0;
      const { username } = target.freshUser();
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, i) => target.tryLogin(i % 2 === 0 ? 0 : 1, { username, password: WRONG })),
      );
      const other = answers.find(({ status }) => status !== 401 && status !== 429);
      if (other) return fail(`a guess returned ${other.status}`);
      const evaluated = answers.filter(({ status }) => status === 401).length;
      if (evaluated <= allowed) return pass(`of ${AT_ONCE} simultaneous guesses, ${evaluated} were evaluated`);
      return evaluated <= 2 * allowed
        ? limit(`of ${AT_ONCE} simultaneous guesses, ${evaluated} were evaluated; the limit is ${allowed}`)
        : fail(`of ${AT_ONCE} simultaneous guesses, ${evaluated} were evaluated; ${allowed} are allowed`);
    },
  },
];
