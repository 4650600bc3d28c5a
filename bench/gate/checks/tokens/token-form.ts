/** Checks 59–62: correctly signed tokens with another type, invalid claims or an alternative encoding. */
import { ROUTES } from '../../../../servers/contract.ts';
import { type Forger, type Forgery, forgerOf } from '../../attacks/forge.ts';
import { type Json, writeToken } from '../../attacks/tokens.ts';
import { type Check, verdict } from '../../check.ts';
import { secretOf, withSecret } from '../../client-session.ts';
import { readOnceServed } from '../../served.ts';
import type { GateTarget } from '../../target.ts';
import { needsToken } from './token-signature.ts';

const common = { family: 'token', quick: true, variant: 'standard', appliesTo: needsToken } as const;

const TYPES: readonly unknown[] = ['JWT', 'logout+jwt', 'id+jwt', 'secevent+jwt', 'at+jwt2', '', null, ['at+jwt']];

function ofOtherTypes({ token, sign }: Forger): Forgery[] {
  const { typ: _, ...untyped } = token.header;
  return [
    ...TYPES.map(
      (typ): Forgery => [
        `a token of type ${JSON.stringify(typ)}`,
        writeToken({ ...token.header, typ }, token.claims, sign),
      ],
    ),
    ['a token without a type', writeToken(untyped, token.claims, sign)],
  ];
}

const DAY_SECONDS = 86_400;

/** Values of the right claims that no issuer writes. JSON has no infinity, so it is written into the text. */
function withOddClaims({ token, sign, resigned }: Forger): Forgery[] {
  const now = Math.floor(Date.now() / 1000);
  const raw = (claims: Json, from: string, to: string): string => {
    const payload = Buffer.from(JSON.stringify(claims).replace(from, to)).toString('base64url');
    const signed = `${Buffer.from(JSON.stringify(token.header)).toString('base64url')}.${payload}`;
    return `${signed}.${sign(signed)}`;
  };
  return [
    ['an expiry beyond any date', resigned({}, { exp: 1e20 })],
    ['an expiry that is infinite once parsed', raw({ ...token.claims, exp: 7_777 }, '"exp":7777', '"exp":1e999')],
    ['a negative expiry', resigned({}, { exp: -1 })],
    ['a token issued tomorrow', resigned({}, { iat: now + DAY_SECONDS, exp: now + 2 * DAY_SECONDS })],
    ['a time of issue as text', resigned({}, { iat: String(now) })],
    ['roles that are not strings', resigned({}, { roles: [1, {}, null] })],
    ['roles as a single string', resigned({}, { roles: 'admin' })],
    ['a subject that is not a string', resigned({}, { sub: 7 })],
  ];
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Another text that decodes to the same bytes, by the unused bits of the last letter; null if there are none. */
function respelt(part: string): string | null {
  if (part.length % 4 === 0) return null;
  const last = ALPHABET.indexOf(part.at(-1) ?? '');
  const other = part.slice(0, -1) + ALPHABET[last ^ 1];
  return Buffer.from(other, 'base64url').equals(Buffer.from(part, 'base64url')) ? other : null;
}

/** Spellings of one valid token. The claims are lengthened until every part has bits to spare. */
function spellings({ token, sign }: Forger): Forgery[] {
  const parts = ['', 'x', 'xx']
    .map((pad) => writeToken({ ...token.header, pad }, { ...token.claims, pad }, sign).split('.'))
    .find(([header = '', claims = '']) => respelt(header) !== null && respelt(claims) !== null);
  const [header = '', claims = '', signature = ''] = parts ?? [];
  const forgeries: Forgery[] = [];
  // The signature covers the text, so an alternative encoding of these two is signed again.
  for (const [what, other] of [
    ['the header', `${respelt(header)}.${claims}`],
    ['the claims', `${header}.${respelt(claims)}`],
  ] as const) {
    forgeries.push([`another spelling of ${what}`, `${other}.${sign(other)}`]);
  }
  const other = respelt(signature);
  if (other !== null) forgeries.push(['another spelling of the signature', `${header}.${claims}.${other}`]);
  forgeries.push(['a padded signature', `${header}.${claims}.${signature}=`]);
  const plain = signature.replaceAll('-', '+').replaceAll('_', '/');
  if (plain !== signature) forgeries.push(['a signature in the other alphabet', `${header}.${claims}.${plain}`]);
  return forgeries;
}

/** A raw signature of two numbers as an ASN.1 sequence, as most libraries write ECDSA. */
function asDer(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  const integer = (half: Buffer) => {
    let start = 0;
    while (start < half.length - 1 && half[start] === 0) start++;
    const trimmed = half.subarray(start);
    const value = (trimmed[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
    return Buffer.concat([Buffer.of(2, value.length), value]);
  };
  const both = Buffer.concat([integer(bytes.subarray(0, bytes.length / 2)), integer(bytes.subarray(bytes.length / 2))]);
  return Buffer.concat([Buffer.of(0x30, both.length), both]).toString('base64url');
}

/**
 * Two headers or claims with one name: parsers that take the first and those that take the last must not disagree
 * (RFC 7515 §4, RFC 7519 §4).
 */
async function twiceNamed(target: GateTarget, { token, session, sign }: Forger): Promise<string[]> {
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  const { id: sub, username } = target.admin.record;
  const first = JSON.stringify({ sub, username, roles: ['user', 'admin'] }).slice(1, -1);
  const claims = encode(`{${first},${JSON.stringify(token.claims).slice(1)}`);
  const signed = `${encode(JSON.stringify(token.header))}.${claims}`;
  const text = withSecret(session, `${signed}.${sign(signed)}`);
  const area = await readOnceServed(target, 0, text, ROUTES.admin.path);
  return area.status === 200 ? ['of two claims with one name the first counts'] : [];
}

function refuses(
  check: Pick<Check, 'id' | 'name' | 'refs'>,
  forge: (forger: Forger, target: GateTarget) => readonly Forgery[],
  more: (target: GateTarget, forger: Forger) => Promise<string[]> = async () => [],
): Check {
  return {
    ...common,
    ...check,
    async run(target) {
      const forger = await forgerOf(target);
      const forgeries = forge(forger, target);
      const faults = [...(await forger.faults(forgeries)), ...(await more(target, forger))];
      return verdict(faults, `${forgeries.length} well-signed tokens were refused`);
    },
  };
}

export const TOKEN_FORM: readonly Check[] = [
  refuses(
    { id: 59, name: 'refuses tokens of another type', refs: ['ASVS 9.2.2', 'RFC 8725 §3.11', 'RFC 9068 §4'] },
    ofOtherTypes,
  ),
  refuses(
    {
      id: 60,
      name: 'refuses tokens whose claims no issuer writes',
      refs: ['RFC 7519 §4.1.4', 'RFC 7519 §4.1.6', 'RFC 8725 §3.8'],
    },
    withOddClaims,
  ),
  refuses({ id: 61, name: 'accepts one spelling of a token', refs: ['RFC 4648 §3.5', 'RFC 7515 §2'] }, spellings),
  refuses(
    {
      id: 62,
      name: 'refuses unencoded payloads, signatures in DER, and the first of two claims',
      refs: ['RFC 7797 §6', 'RFC 7518 §3.4', 'RFC 7519 §4'],
    },
    ({ token, session, sign }) => {
      const header = Buffer.from(JSON.stringify({ ...token.header, b64: false, crit: ['b64'] })).toString('base64url');
      const [, claims = ''] = (secretOf(session) ?? '').split('.');
      const unencoded = sign(`${header}.${JSON.stringify(token.claims)}`);
      const forgeries: Forgery[] = [['a payload that is signed unencoded', `${header}.${claims}.${unencoded}`]];
      if (token.header.alg === 'ES256') {
        const own = writeToken(token.header, token.claims, (signed) => asDer(sign(signed)));
        forgeries.push(['a signature in DER', own]);
      }
      return forgeries;
    },
    twiceNamed,
  ),
];
