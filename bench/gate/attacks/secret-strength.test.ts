import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeSecrets } from '../../fleet/secrets.ts';
import { secretFaults, sharedSecretFaults } from './secret-strength.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the strength of keys', () => {
  it('is sufficient in those that each run creates', async () => {
    for (let i = 0; i < 5; i++) expect(secretFaults(await makeSecrets())).toEqual([]);
  });

  it('is sufficient in any random key', () => {
    for (let i = 0; i < 10_000; i++) expect(sharedSecretFaults(randomBytes(32).toString('base64'))).toEqual([]);
  });

  it.each([
    ['short', randomBytes(31).toString('base64'), 'has 248 bits; at least 256 are required'],
    ['a word, repeated', base64('secret'.repeat(11).slice(0, 64)), 'is in a dictionary'],
    ['zeros', Buffer.alloc(32).toString('base64'), 'is in a dictionary'],
    ['two letters', base64('xy'.repeat(20)), 'repeats itself'],
    ['a sentence', base64('the quick brown fox jumps over lazy dogs'), 'is text made up by a person'],
  ])('is not enough in what is %s', (_what, key, fault) => {
    expect(sharedSecretFaults(key)).toContain(fault);
  });

  it('is reported with the name of the weak key, and nothing about its value', async () => {
    const good = await makeSecrets();
    const weak = generateKeyPairSync('rsa', {
      modulusLength: 1024,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const sentence = base64('the quick brown fox jumps over lazy dogs');
    const secrets = {
      ...good,
      hmacKey: sentence,
      cookieKey: sentence,
      rsaPrivateKey: weak.privateKey,
      rsaPublicKey: weak.publicKey,
      ecPublicKey: (await makeSecrets()).ecPublicKey,
      edPrivateKey: 'no key',
    };
    const faults = secretFaults(secrets);
    expect(faults).toEqual([
      'hmacKey is text made up by a person',
      'cookieKey is text made up by a person',
      'the RSA key pair is not an RSA key of 2048 bits or more',
      'the P-256 key pair has halves that do not belong together',
      'the Ed25519 key pair cannot be read',
      'hmacKey and cookieKey are the same',
    ]);
    for (const text of [sentence, 'quick brown', 'no key']) expect(faults.join()).not.toContain(text);
  });
});
