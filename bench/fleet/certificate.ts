/**
 * A self-signed certificate for loopback, valid for an hour: X.509 (RFC 5280) in DER, so that no other program is
 * needed.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { TlsOptions } from '../../servers/configuration.ts';

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.from(head), body]);
}

const bytes = (...values: readonly number[]) => Buffer.from(values);
const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
const set = (...contents: readonly Uint8Array[]) => der(0x31, ...contents);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Uint8Array) => der(0x04, content);
const explicit = (number: number, content: Uint8Array) => der(0xa0 + number, content);
/** No bits unused. */
const bits = (content: Uint8Array) => der(0x03, bytes(0), content);
const utcTime = (date: Date) => der(0x17, Buffer.from(`${date.toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`));
const extension = (id: string, value: Uint8Array) => sequence(oid(id), octets(value));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';
const HOUR_MS = 3_600_000;

/** @returns a self-signed certificate for `localhost` and 127.0.0.1, and its key (P-256) */
export function makeCertificate(now = new Date()): TlsOptions {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(oid(COMMON_NAME), der(0x0c, Buffer.from('localhost')))));
  const validity = sequence(utcTime(new Date(now.getTime() - HOUR_MS)), utcTime(new Date(now.getTime() + HOUR_MS)));
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, bytes(127, 0, 0, 1)));
  const authority = sequence(der(0x01, bytes(0xff)));
  // A serial number is positive, so its first bit is clear; at least 64 bits of it must be random (CA/B baseline
  // 7.1).
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const signed = sequence(
    explicit(0, der(0x02, bytes(2))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    spki,
    explicit(3, sequence(extension(SUBJECT_ALT_NAME, names), extension(BASIC_CONSTRAINTS, authority))),
  );
  const signature = sign('sha256', signed, createPrivateKey(privateKey));
  const encoded = sequence(signed, ECDSA_WITH_SHA256, bits(signature)).toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${encoded.trimEnd()}\n-----END CERTIFICATE-----\n`,
    privateKey,
  };
}
