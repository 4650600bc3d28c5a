/** Checks whether keys are strong enough to sign with. It names the weak key and the reason, and never quotes the key. Pure. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Secrets } from '../../../servers/configuration.ts';
import { guessableKeys } from './weak-secrets.ts';

/** RFC 7518 §3.2: an HMAC key must be at least as long as its hash. */
const LEAST_SECRET_BYTES = 32;
/** RFC 7518 §3.3. */
const LEAST_RSA_BITS = 2048;
/** 32 random bytes have about 30 different values; fewer than 16 occur once in 10¹⁹ keys. */
const LEAST_DIFFERENT_BYTES = 16;

const dictionary = new Set(guessableKeys().map((key) => key.toString('hex')));

/** @returns the weaknesses of a shared secret */
export function sharedSecretFaults(base64: string): string[] {
  const bytes = Buffer.from(base64, 'base64');
  const faults: string[] = [];
  if (bytes.length < LEAST_SECRET_BYTES)
    faults.push(`has ${bytes.length * 8} bits; at least ${LEAST_SECRET_BYTES * 8} are required`);
  // Check the text itself too, since some libraries use the characters as the key.
  if ([bytes, Buffer.from(base64)].some((key) => dictionary.has(key.toString('hex'))))
    faults.push('is in a dictionary');
  else if (new Set(bytes).size < Math.min(LEAST_DIFFERENT_BYTES, bytes.length / 2)) faults.push('repeats itself');
  // The bytes of a passphrase are always printable; 32 random bytes all are once in 10¹³ keys.
  else if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) faults.push('is text made up by a person');
  return faults;
}

const PAIRS = [
  {
    name: 'the RSA key pair',
    of: (s: Secrets) => [s.rsaPrivateKey, s.rsaPublicKey],
    isStrong: (key: KeyObject) =>
      key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS,
    demand: `is not an RSA key of ${LEAST_RSA_BITS} bits or more`,
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

/** @returns one line for each weakness, naming the key; empty if all keys are strong enough */
export function secretFaults(secrets: Secrets): string[] {
  const shared = (['hmacKey', 'cookieKey'] as const).flatMap((name) =>
    sharedSecretFaults(secrets[name]).map((fault) => `${name} ${fault}`),
  );
  const pairs = PAIRS.flatMap((pair) => pairFaults(pair.of(secrets), pair).map((fault) => `${pair.name} ${fault}`));
  const same = secrets.hmacKey === secrets.cookieKey ? ['hmacKey and cookieKey are the same'] : [];
  return [...shared, ...pairs, ...same];
}
