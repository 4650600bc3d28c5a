/** Checks 1–11: the signatures of tokens. */
import { createPublicKey } from 'node:crypto';
import { thenEnding } from '../../../../core/errors.ts';
import type { ArmInfo } from '../../../../servers/contract.ts';
import { attackersKey, flipped, keyServer, otherAlgorithms, publicPemOf } from '../../attacks/attacker.ts';
import { type Forger, type Forgery, forgerOf } from '../../attacks/forge.ts';
import { secretFaults } from '../../attacks/secret-strength.ts';
import { hmacWith, readToken, writeToken } from '../../attacks/tokens.ts';
import { guessableKeys } from '../../attacks/weak-secrets.ts';
import { type Check, guards, verdict } from '../../check.ts';
import { secretOf } from '../../client-session.ts';
import type { GateTarget } from '../../target.ts';

export const needsToken = (arm: ArmInfo): true | string =>
  arm.tokenAlgorithm !== undefined || 'the credential is not a token';

const isShared = (arm: ArmInfo): boolean => arm.tokenAlgorithm?.startsWith('HS') === true;

const common = { family: 'token', quick: true, variant: 'standard', appliesTo: needsToken } as const;

/** A check of forgeries, none of which may be accepted. */
function refusesAll(
  check: Pick<Check, 'id' | 'name' | 'refs'> & Partial<Pick<Check, 'appliesTo' | 'quick'>>,
  forge: (forger: Forger, target: GateTarget) => Promise<Forgery[]> | Forgery[],
): Check {
  return {
    ...common,
    ...check,
    async run(target) {
      const forger = await forgerOf(target);
      const forgeries = await forge(forger, target);
      return verdict(await forger.faults(forgeries), `${forgeries.length} forgeries were refused`);
    },
  };
}

const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

/** Returns a token for each HMAC algorithm, signed with each of the keys. */
function hmacForgeries({ token }: Forger, keys: readonly (readonly [name: string, key: Buffer | string])[]): Forgery[] {
  return keys.flatMap(([name, key]) =>
    Object.entries(HASHES).map(
      ([alg, hash]): Forgery => [
        `${alg} with ${name} as the secret`,
        writeToken({ ...token.header, alg }, token.claims, hmacWith(key, hash)),
      ],
    ),
  );
}

const needsPair = (arm: ArmInfo): true | string => {
  if (arm.tokenAlgorithm === undefined) return 'the credential is not a token';
  return !isShared(arm) || 'there is no public key: one shared secret signs and verifies';
};

const FORGED_KEY = 'forged';
/** Key ids for which a careless server finds a key that the attacker knows, and that key. */
const KEY_IDS = [
  ['a path to an empty file', '/dev/null', ''],
  ['a path with traversal', '../../../../../../../../dev/null', ''],
  ['a union of queries', `x' UNION SELECT '${FORGED_KEY}'-- `, FORGED_KEY],
  ['an always true condition', "x' OR '1'='1", FORGED_KEY],
  ['a command', `|echo ${FORGED_KEY}`, FORGED_KEY],
  ['a name of nothing', 'unknown', FORGED_KEY],
  ['a name that objects have', '__proto__', FORGED_KEY],
  ['no text', '', FORGED_KEY],
] as const;

export const TOKEN_SIGNATURE: readonly Check[] = [
  refusesAll(
    { id: 1, name: 'refuses tokens with alg none, however it is written', refs: ['ASVS 9.1.2', 'RFC 8725 §3.1'] },
    ({ token }) =>
      ['none', 'None', 'NONE', 'nOnE', 'noNe', ''].flatMap((alg): Forgery[] => [
        [
          `alg ${JSON.stringify(alg)} without a signature`,
          writeToken({ ...token.header, alg }, token.claims, () => ''),
        ],
        [
          `alg ${JSON.stringify(alg)} with a signature of something else`,
          writeToken({ ...token.header, alg }, token.claims, () => token.signature),
        ],
      ]),
  ),
  refusesAll(
    {
      id: 2,
      name: 'does not use its public key as an HMAC secret',
      refs: ['ASVS 9.1.2', 'RFC 8725 §2.1'],
      appliesTo: needsPair,
    },
    (forger, target) => {
      const pem = publicPemOf(target);
      return hmacForgeries(forger, [
        ['the public key', pem],
        ['the public key without its last line break', pem.trimEnd()],
        ['the public key in DER', createPublicKey(pem).export({ type: 'spki', format: 'der' })],
      ]);
    },
  ),
  refusesAll(
    {
      id: 3,
      name: 'does not use its public key, preceded by white space, as an HMAC secret',
      refs: ['GHSA-mvf2-f6gm-w987', 'RFC 8725 §2.1'],
      appliesTo: needsPair,
    },
    (forger, target) =>
      hmacForgeries(
        forger,
        [' ', '\n', '\t', '\r\n', '\ufeff'].map((space) => [
          `${JSON.stringify(space)} and the public key`,
          `${space}${publicPemOf(target)}`,
        ]),
      ),
  ),
  refusesAll(
    {
      id: 4,
      name: 'refuses other algorithms of the same family',
      refs: ['ASVS 9.1.2', 'RFC 8725 §3.1'],
    },
    ({ token }, target) =>
      otherAlgorithms(target).map(([alg, make]) => [
        `${alg} with the right key`,
        writeToken({ ...token.header, alg }, token.claims, make),
      ]),
  ),
  refusesAll(
    { id: 5, name: 'refuses an altered payload', refs: ['ASVS 9.1.1', 'RFC 8725 §3.3'] },
    ({ token }, { admin }) => {
      const { id: sub, username } = admin.record;
      return [
        ['another subject', { sub, username }],
        ['another role', { roles: ['user', 'admin'] }],
        ['a later expiry', { exp: Number(token.claims.exp) + 3_600 }],
      ].map(([what, claims]) => [
        `${what} under the old signature`,
        writeToken(token.header, { ...token.claims, ...(claims as object) }, () => token.signature),
      ]);
    },
  ),
  refusesAll(
    { id: 6, name: 'refuses a signature that is missing, cut short or altered', refs: ['ASVS 9.1.1', 'RFC 7515 §5.2'] },
    async ({ token, session }, target) => {
      const { signature } = token;
      const text = secretOf(session) ?? '';
      const signed = text.slice(0, text.lastIndexOf('.'));
      const other = readToken(
        secretOf(await target.login(0, target.freshUser(), { credential: 'token' })) ?? '',
      ).signature;
      const signatures: [string, string][] = [
        ['no signature', ''],
        ['a signature without its last letter', signature.slice(0, -1)],
        ['half of the signature', signature.slice(0, signature.length / 2)],
        ['four letters of the signature', signature.slice(0, 4)],
        ['the signature twice', signature + signature],
        ['the first bit changed', flipped(signature, 0)],
        ['a bit in the middle changed', flipped(signature, 16)],
        ['the last bit changed', flipped(signature, -1)],
        ['the signature of another token', other],
        ['only zeros as the signature', Buffer.alloc(Buffer.from(signature, 'base64url').length).toString('base64url')],
      ];
      const forgeries = signatures
        // Two tokens of one user that were issued within one second may be the same.
        .filter(([, made]) => made !== signature)
        .map(([what, made]): Forgery => [what, `${signed}.${made}`]);
      return [...forgeries, ['the token without its last part', signed]];
    },
  ),
  refusesAll(
    { id: 7, name: 'does not follow kid to files or databases', refs: ['RFC 8725 §3.10', 'ASVS 9.1.3'] },
    async ({ token }, target) => {
      const { make } = await attackersKey(target);
      return KEY_IDS.map(([what, kid, key]) => [
        `kid as ${what}`,
        writeToken({ ...token.header, kid }, token.claims, isShared(target.arm) ? hmacWith(key) : make),
      ]);
    },
  ),
  {
    ...common,
    id: 8,
    name: 'ignores keys in the token, and fetches none for it',
    refs: ['ASVS 9.1.3', 'RFC 7515 §4.1.3', 'RFC 8725 §3.10'],
    async run(target) {
      const forger = await forgerOf(target);
      const { alg, key, make } = await attackersKey(target);
      const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), kid: 'forged', alg, use: 'sig' };
      const server = await keyServer(jwk);
      const der = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
      const headers = { jwk, jku: server.url, x5u: server.url, x5c: [der] };
      const { token } = forger;
      const forgeries = Object.entries(headers).map(
        ([name, value]): Forgery => [
          `${name} in the header`,
          writeToken({ ...token.header, alg, kid: 'forged', [name]: value }, token.claims, make),
        ],
      );
      return thenEnding(
        async () => {
          const faults = await forger.faults(forgeries);
          const visits = server.visits();
          if (visits > 0) faults.push(`the server fetched keys from where the token said, ${visits} times`);
          return verdict(faults, 'keys in the header were refused, and none was fetched');
        },
        () => server.close(),
      );
    },
  },
  refusesAll({ id: 9, name: 'refuses unknown critical header fields', refs: ['RFC 7515 §4.1.11'] }, ({ resigned }) => [
    ['an unknown critical header', resigned({ crit: ['urn:tollgate:unknown'], 'urn:tollgate:unknown': true }, {})],
    ['an unknown one beside a known one', resigned({ crit: ['b64', 'urn:tollgate:unknown'], b64: true }, {})],
  ]),
  refusesAll(
    { id: 10, name: 'refuses HMACs with an empty key', refs: ['GHSA-gmvf-9v4p-v8jc', 'RFC 8725 §3.5'] },
    (forger) => {
      const { kid: _, ...unnamed } = forger.token.header;
      const bare = { ...forger, token: { ...forger.token, header: unnamed } };
      return [...hmacForgeries(forger, [['nothing', '']]), ...hmacForgeries(bare, [['nothing, and no kid,', '']])];
    },
  ),
  {
    ...common,
    id: 11,
    name: 'signs with keys of 256 bits or more that are in no dictionary',
    refs: ['RFC 7518 §3.2', 'RFC 8725 §3.5'],
    appliesTo: guards,
    async run(target) {
      // These are the keys of these servers, and in a run also those of the timed servers.
      const faults = secretFaults(target.secrets);
      if (!isShared(target.arm)) return verdict(faults, 'every key is long enough, and none is guessable');
      // An attacker can do this with one captured token, without contacting the server.
      const session = await target.login(0, target.freshUser(), { credential: 'token' });
      const text = secretOf(session) ?? '';
      const signed = text.slice(0, text.lastIndexOf('.'));
      const { signature } = readToken(text);
      const keys = guessableKeys();
      if (keys.some((key) => hmacWith(key)(signed) === signature)) faults.push('the secret is in a dictionary');
      return verdict(faults, `every key is long enough, and ${keys.length} guesses at the one of a token failed`);
    },
  },
];
