/**
 * Checks 70–72: encrypted tokens, whose header may request another way to decrypt, and whose only proof of origin is
 * the key.
 */
import { deflateRawSync } from 'node:zlib';
import type { ArmInfo, ContentEncryption } from '../../../../servers/contract.ts';
import {
  contentKeyOf,
  type EncryptedToken,
  encryptedFor,
  readEncrypted,
  wrapped,
  writeEncrypted,
} from '../../attacks/encrypt.ts';
import { hmacWith, type Json, writeToken } from '../../attacks/tokens.ts';
import { type Check, verdict } from '../../check.ts';
import { type ClientSession, secretOf, withSecret } from '../../client-session.ts';
import { readOnceServed } from '../../served.ts';
import type { GateTarget } from '../../target.ts';

const needsEncryption = (arm: ArmInfo): true | string =>
  arm.tokenEncryption !== undefined || 'the credential is not an encrypted token';

const common = { family: 'token', quick: true, variant: 'standard', appliesTo: needsEncryption } as const;

type Forgery = readonly [what: string, token: string];

interface Holder {
  readonly session: ClientSession;
  readonly token: EncryptedToken;
  readonly encryption: ContentEncryption;
  readonly key: Buffer;
  /** The same token with other claims or header fields, encrypted as the server does. */
  rewritten(header: Json, claims: Json | Buffer): string;
}

async function holderOf(target: GateTarget): Promise<Holder> {
  const { tokenEncryption: encryption } = target.arm;
  if (encryption === undefined) throw new TypeError('the arm has no encrypted tokens');
  const session = await target.login(0, target.freshUser());
  const key = contentKeyOf(encryption, target.secrets);
  const token = readEncrypted(secretOf(session) ?? '', encryption, key);
  const rewritten = (header: Json, claims: Json | Buffer) => writeEncrypted(header, claims, { encryption, key });
  return { session, token, encryption, key, rewritten };
}

/** A check of forgeries, none of which may be accepted, and of a genuine token that the gate made, which must be. */
function refuses(
  check: Pick<Check, 'id' | 'name' | 'refs'>,
  forge: (holder: Holder, target: GateTarget) => readonly Forgery[],
): Check {
  return {
    ...common,
    ...check,
    async run(target) {
      const holder = await holderOf(target);
      const { session, token } = holder;
      const statusOf = async (text: string) => (await readOnceServed(target, 0, withSecret(session, text))).status;
      const forgeries = forge(holder, target);
      const faults: string[] = [];
      const control = await statusOf(holder.rewritten(token.header, token.claims));
      if (control !== 200) faults.push(`a token that the gate encrypted with the arm's key got ${control}`);
      for (const [what, text] of forgeries) {
        const status = await statusOf(text);
        if (status !== 401) faults.push(`${what} got ${status}`);
      }
      return verdict(faults, `${forgeries.length} forgeries were refused`);
    },
  };
}

/** Content encryptions that a careless server lets the header choose, and for which its key is long enough. */
function otherEncryptions({ encryption, key, token }: Holder): Forgery[] {
  const all = { A256GCM: 32, A128GCM: 16, 'A128CBC-HS256': 32, 'A256CBC-HS512': 64 } as const;
  return Object.entries(all).flatMap(([name, bytes]): Forgery[] => {
    const enc = name as keyof typeof all;
    if (enc === encryption || bytes > key.length) return [];
    const writing = { encryption: enc, key: key.subarray(0, bytes) };
    return [
      [`enc ${enc} with the start of the same key`, writeEncrypted({ ...token.header, enc }, token.claims, writing)],
    ];
  });
}

/** Ways to agree on a key without knowing it. With a public key, an attacker needs no more. */
function otherAlgorithms({ encryption, key, token }: Holder, { secrets }: GateTarget): Forgery[] {
  const own = Buffer.alloc(key.length, 7);
  const write = (alg: string, encryptedKey: Buffer, more: Json = {}): string =>
    writeEncrypted({ ...token.header, ...more, alg }, token.claims, { encryption, key: own, encryptedKey });
  const { header, claims } = token;
  const same = { encryption, key };
  return [
    ['RSA-OAEP for the public key of the server', write('RSA-OAEP', encryptedFor(secrets.rsaPublicKey, own, 'sha1'))],
    ['RSA-OAEP-256 for the same', write('RSA-OAEP-256', encryptedFor(secrets.rsaPublicKey, own, 'sha256'))],
    ['A256KW with the key itself', write('A256KW', wrapped(own, key.subarray(0, 32)))],
    ['a key of its own in the token', write('dir', own)],
    [
      'PBES2 with a costly password',
      write('PBES2-HS512+A256KW', wrapped(own, key.subarray(0, 32)), { p2s: 'AAAAAAAAAAA', p2c: 2 ** 31 - 1 }),
    ],
    ['alg none', writeEncrypted({ ...header, alg: 'none' }, claims, same)],
    ['alg DIR', writeEncrypted({ ...header, alg: 'DIR' }, claims, same)],
    ['no alg', writeEncrypted({ ...header, alg: undefined }, claims, same)],
    ['an unknown critical header', writeEncrypted({ ...header, crit: ['x'], x: 1 }, claims, same)],
    ['compressed claims', writeEncrypted({ ...header, zip: 'DEF' }, deflateRawSync(JSON.stringify(claims)), same)],
    ['an unknown kid', writeEncrypted({ ...header, kid: 'unknown' }, claims, same)],
    ['no kid', writeEncrypted({ ...header, kid: undefined }, claims, same)],
    [
      'a token that is signed with the key',
      writeToken({ ...header, alg: 'HS256', enc: undefined }, claims, hmacWith(key)),
    ],
    ['claims that nothing protects', writeToken({ ...header, alg: 'none', enc: undefined }, claims, () => '')],
  ];
}

function changed(part: string, at: number): string {
  const bytes = Buffer.from(part, 'base64url');
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64url');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Another text that decodes to the same bytes, by the unused bits of its last letter; null if there are none. */
function respelt(part: string): string | null {
  if (part.length % 4 === 0) return null;
  return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1) ?? '') ^ 1];
}

function alterations({ token, rewritten }: Holder): Forgery[] {
  const { parts } = token;
  const names = ['header', 'encrypted key', 'initialization vector', 'ciphertext', 'tag'] as const;
  const withPart = (index: number, text: string) => parts.map((part, i) => (i === index ? text : part)).join('.');
  const cut = (part: string, bytes: number) => Buffer.from(part, 'base64url').subarray(0, bytes).toString('base64url');
  const other = rewritten(token.header, { ...token.claims, roles: ['user', 'admin'] }).split('.');
  const forgeries: Forgery[] = [
    ['a tag of four bytes', withPart(4, cut(parts[4], 4))],
    ['a tag of half its length', withPart(4, cut(parts[4], Buffer.from(parts[4], 'base64url').length / 2))],
    ['no tag', withPart(4, '')],
    ['the claims of another token', withPart(3, other[3] ?? '')],
    [
      'the header of another token',
      withPart(0, Buffer.from(JSON.stringify({ ...token.header, x: 1 })).toString('base64url')),
    ],
    ['a sixth part', `${parts.join('.')}.AAAA`],
    ['white space', withPart(2, `${parts[2].slice(0, 4)} ${parts[2].slice(4)}`)],
    ['a padded tag', `${parts.join('.')}=`],
  ];
  for (const [i, part] of parts.entries()) {
    if (i === 0 || i === 1) continue;
    const name = names[i] ?? '';
    forgeries.push([`a ${name} with its first bit changed`, withPart(i, changed(part, 0))]);
    forgeries.push([`a ${name} with its last bit changed`, withPart(i, changed(part, -1))]);
    const spelling = respelt(part);
    if (spelling !== null) forgeries.push([`another spelling of the ${name}`, withPart(i, spelling)]);
  }
  return forgeries;
}

function without(claims: Json, name: string): Json {
  return Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
}

/** Correctly encrypted tokens that no server of this kind issues now. */
function wrongClaims({ token: { header, claims }, rewritten }: Holder): Forgery[] {
  const now = Math.floor(Date.now() / 1000);
  const wrong: readonly (readonly [what: string, claims: Json])[] = [
    ['a token that expired two seconds ago', { ...claims, exp: now - 2 }],
    ['a token that expired in 1970', { ...claims, exp: 0 }],
    ['a token without exp', without(claims, 'exp')],
    ['a token with exp as text', { ...claims, exp: String(now + 3_600) }],
    ['a token that is not yet valid for a year', { ...claims, nbf: now + 31_536_000 }],
    ['a token of another issuer', { ...claims, iss: 'https://issuer.example' }],
    ['a token without iss', without(claims, 'iss')],
    ['a token for another audience', { ...claims, aud: 'another-service' }],
    ['a token without aud', without(claims, 'aud')],
    ['a token without a subject', without(claims, 'sub')],
    ['a token without an id', without(claims, 'jti')],
    ['roles that are not strings', { ...claims, roles: [1, {}, null] }],
    ['roles as a single string', { ...claims, roles: 'admin' }],
    ['a subject that is not a string', { ...claims, sub: 7 }],
  ];
  return [
    ...wrong.map(([what, changedClaims]): Forgery => [what, rewritten(header, changedClaims)]),
    ['a token of another type', rewritten({ ...header, typ: 'at+jwt' }, claims)],
    ['a token without a type', rewritten(without(header, 'typ'), claims)],
    ['claims that are not an object', rewritten(header, Buffer.from('[]'))],
    ['claims that are not JSON', rewritten(header, Buffer.from('{"sub":'))],
  ];
}

export const ENCRYPTED_TOKEN: readonly Check[] = [
  refuses(
    {
      id: 70,
      name: 'decrypts in one way, whatever the header asks for',
      refs: ['ASVS 9.1.2', 'RFC 8725 §3.1', 'RFC 8725 §3.2', 'RFC 7516 §4.1.13'],
    },
    (holder, target) => [...otherEncryptions(holder), ...otherAlgorithms(holder, target)],
  ),
  refuses(
    {
      id: 71,
      name: 'refuses encrypted tokens that were altered',
      refs: ['ASVS 9.1.1', 'RFC 7516 §5.2', 'RFC 7518 §5.3'],
    },
    alterations,
  ),
  refuses(
    {
      id: 72,
      name: 'checks the claims of encrypted tokens too',
      refs: ['ASVS 9.2.1', 'ASVS 9.2.3', 'RFC 8725 §3.8', 'RFC 8725 §3.11'],
    },
    wrongClaims,
  ),
];
