import { expect, it } from 'vitest';
import { authorityOf, hostOf } from './authority.ts';
import { requestBytes } from './request.ts';

it('writes IPv6 in brackets and everything else as it is, and reads both from a URL', () => {
  for (const [host, authority] of [
    ['::1', '[::1]:3000'],
    ['127.0.0.1', '127.0.0.1:3000'],
    ['localhost', 'localhost:3000'],
  ] as const) {
    expect(authorityOf({ host, port: 3000 })).toBe(authority);
    const url = new URL(`http://${authority}/me`);
    expect([hostOf(url), Number(url.port)]).toEqual([host, 3000]);
    const head = requestBytes({ host, port: 3000 }, { method: 'GET', path: '/' }).toString();
    expect(head).toContain(`\r\nhost: ${authority}\r\n`);
  }
});
