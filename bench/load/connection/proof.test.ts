import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { newProofKey, PROOF_KEY, proofFor } from './proof.ts';
import { renewable } from './renewable.ts';
import { renewableRequest, requestBytes, wireRequest } from './request.ts';

const ADDRESS = { host: '127.0.0.1', port: 8080 };
const athOf = (token: string) => createHash('sha256').update(token).digest('base64url');
const read = (proof: string) => jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] });
const proofIn = (bytes: Buffer) => /\r\ndpop: (\S+)\r\n/.exec(bytes.toString('latin1'))?.[1] ?? '';
const key = newProofKey();
const ME = { method: 'GET', path: '/me?page=1', headers: { authorization: 'DPoP a.b.c', [PROOF_KEY]: key } };

describe('a proof', () => {
  it('is accepted by another library, and has the claims that the standard requires', async () => {
    const proof = proofFor(key, { method: 'POST', url: 'http://127.0.0.1:8080/transfer', token: 'a.b.c' });
    const { payload, protectedHeader } = await read(proof);
    expect(payload).toEqual({
      htm: 'POST',
      htu: 'http://127.0.0.1:8080/transfer',
      ath: athOf('a.b.c'),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: expect.any(Number),
    });
    expect(Math.abs(Date.now() / 1000 - (payload.iat ?? 0))).toBeLessThan(5);
    expect(Object.keys(protectedHeader.jwk ?? {}).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    // One key is one client.
    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk ?? {});
    const other = await read(proofFor(newProofKey(), { method: 'GET', url: 'http://a/', token: null }));
    expect(await calculateJwkThumbprint(other.protectedHeader.jwk ?? {})).not.toBe(thumbprint);
    expect(other.payload).not.toHaveProperty('ath');
  });

  it('replaces its key in a request', async () => {
    const text = requestBytes(ADDRESS, ME).toString('latin1');
    expect(text).toContain('\r\nauthorization: DPoP a.b.c\r\n');
    expect(text).not.toContain(key);
    expect(text).not.toContain('proof-key');
    const { payload } = await read(proofIn(Buffer.from(text, 'latin1')));
    expect(payload).toMatchObject({ htm: 'GET', htu: 'http://127.0.0.1:8080/me', ath: athOf('a.b.c') });
    const secure = requestBytes({ ...ADDRESS, certificate: 'PEM' }, ME);
    expect((await read(proofIn(secure))).payload.htu).toBe('https://127.0.0.1:8080/me');
  });
});

describe('a request that is sent repeatedly', () => {
  it('has a new proof each time, and is otherwise the same', async () => {
    const request = renewableRequest(ADDRESS, { ...ME, method: 'POST', body: { amount: 1 } });
    const sent = [request.next(), request.next(), request.next()];
    const ids = new Set<unknown>();
    for (const bytes of sent) {
      expect(bytes).toHaveLength(request.length);
      const proof = proofIn(bytes);
      ids.add((await read(proof)).payload.jti);
      expect(bytes.toString('latin1').replace(proof, '')).toBe(
        sent[0]?.toString('latin1').replace(proofIn(sent[0]), ''),
      );
    }
    expect(ids.size).toBe(3);
    expect(sent[0]?.toString()).toMatch(/\{"amount":1\}$/);
  });

  it('uses proofs made in advance, unless they are too old', () => {
    const request = renewableRequest(ADDRESS, ME);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    try {
      request.stock(3);
      const issued = () =>
        JSON.parse(Buffer.from(proofIn(request.next()).split('.')[1] ?? '', 'base64url').toString()).iat;
      const wall = vi.spyOn(Date, 'now').mockReturnValue(4_000_000_000_000);
      try {
        // Signed before the wall clock was set: a stocked one.
        expect(issued()).toBeLessThan(4_000_000_000);
        clock.mockReturnValue(22_000);
        expect(issued()).toBe(4_000_000_000);
      } finally {
        wall.mockRestore();
      }
    } finally {
      clock.mockRestore();
    }
  });

  it('travels as plain data with its key', async () => {
    const { wire, proofKey } = wireRequest(ADDRESS, ME);
    const bytes = Buffer.from(wire, 'latin1');
    const again = renewable(bytes, proofKey);
    expect(proofIn(again.next())).not.toBe(proofIn(bytes));
    await expect(read(proofIn(again.next()))).resolves.toBeDefined();
    expect(wireRequest(ADDRESS, { method: 'GET', path: '/' })).toEqual({
      wire: 'GET / HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n',
    });
  });

  it('is unchanged without a key, and refused with a key and no proof', () => {
    const bytes = Buffer.from('GET / HTTP/1.1\r\n\r\n');
    const plain = renewable(bytes, undefined);
    plain.stock(5);
    expect(plain.next()).toBe(bytes);
    expect(() => renewable(bytes, key)).toThrow('no proof');
    // A body is not a header.
    const inBody = Buffer.from('POST / HTTP/1.1\r\n\r\nx\r\ndpop: a.b.c\r\n\r\n');
    expect(() => renewable(inBody, key)).toThrow('no proof');
  });
});
