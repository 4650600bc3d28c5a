/** Whether keys are fit to sign with. Says which key is at fault and why, and never what it holds. Pure. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Secrets } from '../../../servers/contract.ts';
import { guessableKeys } from './weak-secrets.ts';

/** RFC 7518 §3.2: an HMAC key is as long as its hash. */
const LEAST_SECRET_BYTES = 32;
/** RFC 7518 §3.3. */
const LEAST_RSA_BITS = 2048;
/** 32 random bytes hold some 30 different ones; fewer than 16 come once in 10¹⁹ keys. */
const LEAST_DIFFERENT_BYTES = 16;

const dictionary = new Set(guessableKeys().map((key) => key.toString('hex')));

/** @returns what is wrong with the bytes of a shared secret */
export function sharedSecretFaults(base64: string): string[] {
  const bytes = Buffer.from(base64, 'base64');
  const faults: string[] = [];
  if (bytes.length < LEAST_SECRET_BYTES)
    faults.push(`has ${bytes.length * 8} bits, ${LEAST_SECRET_BYTES * 8} are asked for`);
  // The text itself too: some libraries take the characters for the key.
  if ([bytes, Buffer.from(base64)].some((key) => dictionary.has(key.toString('hex'))))
    faults.push('stands in a dictionary');
  else if (new Set(bytes).size < Math.min(LEAST_DIFFERENT_BYTES, bytes.length / 2)) faults.push('repeats itself');
  // Of 32 random bytes all are printable once in 10¹³ keys; of a passphrase, always.
  else if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) faults.push('is text, which somebody thought of');
  return faults;
}

const PAIRS = [
  {
    name: 'the RSA key pair',
    of: (s: Secrets) => [s.rsaPrivateKey, s.rsaPublicKey],
    isStrong: (key: KeyObject) =>
      key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS,
    demand: `is no RSA key of ${LEAST_RSA_BITS} bits or more`,
  },
  {
    name: 'the P-256 key pair',
    of: (s: Secrets) => [s.ecPrivateKey, s.ecPublicKey],
    isStrong: (key: KeyObject) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
    demand: 'is on another curve',
  },
  {
    name: 'the Ed25519 key pair',
    of: (s: Secrets) => [s.edPrivateKey, s.edPublicKey],
    isStrong: (key: KeyObject) => key.asymmetricKeyType === 'ed25519',
    demand: 'is of another kind',
  },
] as const;

function pairFaults([privatePem = '', publicPem = '']: readonly string[], pair: (typeof PAIRS)[number]): string[] {
  try {
    const [own, given] = [createPublicKey(createPrivateKey(privatePem)), createPublicKey(publicPem)];
    if (!pair.isStrong(own)) return [pair.demand];
    return own.equals(given) ? [] : ['has halves that do not belong together'];
  } catch {
    // The parser's message may quote the key.
    return ['cannot be read'];
  }
}

/** @returns one line for each fault, naming the key; none where all are fit */
export function secretFaults(secrets: Secrets): string[] {
  const shared = (['hmacKey', 'cookieKey'] as const).flatMap((name) =>
    sharedSecretFaults(secrets[name]).map((fault) => `${name} ${fault}`),
  );
  const pairs = PAIRS.flatMap((pair) => pairFaults(pair.of(secrets), pair).map((fault) => `${pair.name} ${fault}`));
  const same = secrets.hmacKey === secrets.cookieKey ? ['hmacKey and cookieKey are the same'] : [];
  return [...shared, ...pairs, ...same];
}
