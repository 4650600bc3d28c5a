import { describe, expect, it } from 'vitest';
import { requestBytes } from './request.ts';

const address = { host: '127.0.0.1', port: 8080 };

describe('requestBytes', () => {
  it('writes a GET with its headers and nothing after the blank line', () => {
    const request = requestBytes(address, { method: 'GET', path: '/me', headers: { authorization: 'Bearer x' } });
    expect(request.toString('latin1')).toBe(
      'GET /me HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nauthorization: Bearer x\r\n\r\n',
    );
  });

  it('counts the length of a JSON body in bytes, not characters', () => {
    const request = requestBytes(address, { method: 'POST', path: '/login', body: { username: 'zoë' } }).toString();
    expect(request).toContain('content-type: application/json\r\ncontent-length: 19\r\n\r\n{"username":"zoë"}');
  });

  it('sends a form as it is', () => {
    const request = requestBytes(address, { method: 'POST', path: '/introspect', form: 'token=a%20b' }).toString();
    expect(request).toContain(
      'content-type: application/x-www-form-urlencoded\r\ncontent-length: 11\r\n\r\ntoken=a%20b',
    );
  });

  it('declares a POST without a body as empty', () => {
    expect(requestBytes(address, { method: 'POST', path: '/logout' }).toString()).toMatch(/content-length: 0\r\n\r\n$/);
  });

  it('puts an IPv6 address in brackets', () => {
    expect(requestBytes({ host: '::1', port: 80 }, { method: 'GET', path: '/' }).toString()).toContain(
      'host: [::1]:80\r\n',
    );
  });

  it.each([
    ['a line break in a value', { x: 'a\r\nevil: 1' }],
    ['a line break in a name', { 'x\nevil': '1' }],
    ['a character whose low byte is a line feed', { x: 'a\u010aevil: 1' }],
    ['a NUL', { x: '\0' }],
  ])('refuses %s', (_, headers) => {
    expect(() => requestBytes(address, { method: 'GET', path: '/', headers })).toThrow('line break');
  });

  it.each(['/a b', '/\r\nx: y', 'me', '/č'])('refuses the path %j', (path) => {
    expect(() => requestBytes(address, { method: 'GET', path })).toThrow('path');
  });
});
