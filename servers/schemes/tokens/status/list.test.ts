import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { deflateSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { freshSecrets } from '../../../../test/support/servers.ts';
import {
  decodeList,
  encodeList,
  LONGEST_REPLY_BYTES,
  readList,
  STATUS_LIST_MEDIA_TYPE,
  STATUS_LIST_TYPE,
  signList,
  statusAt,
  statusListKeys,
} from './list.ts';
import { statusPublisher } from './publisher.ts';
import { fetchList, statusReader } from './reader.ts';

const URI = 'https://tollgate.invalid/status-lists/1';
const keys = statusListKeys(freshSecrets());
const NOW_MS = 1_800_000_000_500;
const TIMES = { readAtMs: NOW_MS, lifetimeMs: 5_000, ttlMs: 1_000 };
/** The example of draft-ietf-oauth-status-list §4.1 with one bit for each token. */
const EXAMPLE = Buffer.from([0xb9, 0xa3]);
const STATUSES = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe('a status list', () => {
  it('is decoded as in the draft’s example', () => {
    const bits = decodeList('eNrbuRgAAhcBXQ');
    expect(bits).toEqual(EXAMPLE);
    expect(STATUSES.map((_, i) => statusAt(bits, i))).toEqual(STATUSES);
    expect(statusAt(bits, 16)).toBeNull();
    expect(decodeList(encodeList(EXAMPLE))).toEqual(EXAMPLE);
  });

  it('is unchanged after encoding and decoding, with its times', async () => {
    const list = await readList(await signList(URI, EXAMPLE, keys, TIMES), URI, keys, NOW_MS);
    expect(list).toEqual({ bits: EXAMPLE, expiresAtMs: 1_800_000_005_500, ttlMs: 1_000 });
  });

  it('is refused if it has expired, has another name, or was signed with another key', async () => {
    const token = await signList(URI, EXAMPLE, keys, TIMES);
    await expect(readList(token, URI, keys, NOW_MS + 5_000)).rejects.toThrow(/expired/);
    await expect(readList(token, URI, keys, NOW_MS + 6_000)).rejects.toThrow(/exp/);
    await expect(readList(token, `${URI}0`, keys, NOW_MS)).rejects.toThrow(/sub/);
    await expect(readList(token, URI, statusListKeys(freshSecrets()), NOW_MS)).rejects.toThrow(/name/);
    const other = { ...statusListKeys(freshSecrets()), keyId: keys.keyId };
    await expect(readList(await signList(URI, EXAMPLE, other, TIMES), URI, keys, NOW_MS)).rejects.toThrow(/signature/);
    const [head, payload, signature = ''] = token.split('.');
    const forged = [head, Buffer.from(JSON.stringify({ sub: URI })).toString('base64url'), signature].join('.');
    await expect(readList(payload === undefined ? '' : forged, URI, keys, NOW_MS)).rejects.toThrow(/signature/);
  });

  it('is accepted with the previous key after a rotation, and not with a removed one', async () => {
    const before = freshSecrets();
    const after = freshSecrets();
    const token = await signList(URI, EXAMPLE, statusListKeys(before), TIMES);
    const rotated = statusListKeys({ ...after, previous: { ecPublicKey: before.ecPublicKey } });
    expect((await readList(token, URI, rotated, NOW_MS)).bits).toEqual(EXAMPLE);
    await expect(readList(token, URI, statusListKeys(after), NOW_MS)).rejects.toThrow(/name/);
  });

  const iat = Math.floor(NOW_MS / 1000);
  const status_list = { bits: 1, lst: encodeList(EXAMPLE) };
  const right = { sub: URI, iat, exp: iat + 5, ttl: 1, status_list };
  const sign = (claims: object, header: object = {}) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: STATUS_LIST_TYPE, kid: keys.keyId, ...header })
      .sign(keys.signing);

  it.each([
    ['another type', right, { typ: 'JWT' }],
    ['no type', right, { typ: undefined }],
    ['no expiry', { ...right, exp: undefined }, {}],
    ['no time of issue', { ...right, iat: undefined }, {}],
    ['a time of issue in the future', { ...right, iat: iat + 3_600, exp: iat + 3_605 }, {}],
    ['no time to live', { ...right, ttl: undefined }, {}],
    ['no list', { ...right, status_list: undefined }, {}],
    ['two bits for each token', { ...right, status_list: { ...status_list, bits: 2 } }, {}],
    ['a list that is no zlib stream', { ...right, status_list: { bits: 1, lst: 'AAAA' } }, {}],
    [
      'a list that fills the memory once decompressed',
      { ...right, status_list: { bits: 1, lst: deflateSync(Buffer.alloc(8 * 1024 * 1024)).toString('base64url') } },
      {},
    ],
  ])('is refused with %s', async (_, claims, header) => {
    expect((await readList(await sign(right), URI, keys, NOW_MS)).bits).toEqual(EXAMPLE);
    await expect(readList(await sign(claims, header), URI, keys, NOW_MS)).rejects.toThrow();
  });
});

describe('a reply with a status list', () => {
  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  }
  const never = new AbortController().signal;
  const typed = { 'content-type': STATUS_LIST_MEDIA_TYPE };

  it('is accepted with the right status and type', async () => {
    expect(await fetchList(await serve((_, response) => response.writeHead(200, typed).end('list')), never)).toBe(
      'list',
    );
  });

  it.each<[string, RequestListener]>([
    ['an error', (_, response) => response.writeHead(500, typed).end('list')],
    ['another type', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('list')],
    ['no type', (_, response) => response.writeHead(200).end('list')],
    ['a redirection', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['too many bytes', (_, response) => response.writeHead(200, typed).end(Buffer.alloc(LONGEST_REPLY_BYTES + 1))],
  ])('is refused if it is %s', async (_, answer) => {
    await expect(fetchList(await serve(answer), never)).rejects.toThrow();
  });

  it('times out if it does not arrive', async () => {
    await expect(fetchList(await serve(() => {}), never)).rejects.toThrow(/timeout/i);
  });

  it('leaves a reader’s copy unchanged if it is wrong, until the copy expires', async () => {
    let answer: RequestListener = () => {};
    const address = await serve((request, response) => answer(request, response));
    const good = await signList(URI, EXAMPLE, keys, { readAtMs: Date.now(), lifetimeMs: 3_000, ttlMs: 10 });
    answer = (_, response) => response.writeHead(200, typed).end(good);
    const reader = statusReader({ uri: URI, keys, retryMs: 5, now: Date.now });
    closers.push(() => reader.stop());
    expect(reader.statusOf(0)).toBe('unknown');
    await reader.start(address);
    let wrong = 0;
    answer = (_, response) => {
      wrong += 1;
      response.writeHead(200, typed).end(randomBytes(64).toString('hex'));
    };
    await expect.poll(() => wrong, { timeout: 10_000 }).toBeGreaterThan(2);
    // A slow machine may get here after the expiry, but never reaches `unknown` before it.
    const seen = [reader.statusOf(0), reader.statusOf(1), reader.statusOf(16)];
    if (seen[0] !== 'unknown') expect(seen).toEqual(['revoked', 'valid', 'unknown']);
    await expect.poll(() => reader.statusOf(0), { timeout: 10_000 }).toBe('unknown');
    answer = async (_, response) => {
      const fresh = { readAtMs: Date.now(), lifetimeMs: 60_000, ttlMs: 60_000 };
      response.writeHead(200, typed).end(await signList(URI, EXAMPLE, keys, fresh));
    };
    await expect.poll(() => reader.statusOf(0), { timeout: 10_000 }).toBe('revoked');
  });

  it('is unavailable from a publisher that cannot read its store, and available again when it can', async () => {
    let isReadable = false;
    const publisher = statusPublisher({
      uri: URI,
      keys,
      now: Date.now,
      lifetimeMs: 60_000,
      ttlMs: 60_000,
      read: async () => {
        if (!isReadable) throw new Error('away');
        return EXAMPLE;
      },
    });
    closers.push(() => publisher.stop());
    const address = await publisher.start();
    await expect(fetchList(address, never)).rejects.toThrow(/503/);
    isReadable = true;
    const list = await readList(await fetchList(address, never), URI, keys, Date.now());
    expect(list.bits).toEqual(EXAMPLE);
    expect(await fetch(new URL('/', address)).then(({ status }) => status)).toBe(404);
  });
});
