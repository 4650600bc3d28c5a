import { describe, expect, it } from 'vitest';
import { renewable } from '../connection/renewable.ts';
import { AnswerCounter } from './answers.ts';

const answer = (body: string, { status = '200 OK', extra = '' } = {}) =>
  `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${extra}date: now\r\n\r\n${body}`;
const counter = (body: string | null = 'hello', status = 200) =>
  new AnswerCounter({
    bytes: renewable(Buffer.alloc(0), undefined),
    status,
    body: body === null ? null : Buffer.from(body),
  });
const push = (to: AnswerCounter, text: string) => to.push(Buffer.from(text));

describe('counting responses', () => {
  it('counts each one, however the bytes are split', () => {
    const stream = answer('hello').repeat(6);
    for (let size = 1; size <= stream.length; size++) {
      const one = counter();
      let answers = 0;
      for (let at = 0; at < stream.length; at += size) answers += push(one, stream.slice(at, at + size));
      expect(answers).toBe(6);
    }
  });

  it('does not keep a chunk, because its memory is reused', () => {
    const one = counter();
    const chunk = Buffer.from(answer('hello').slice(0, 50));
    expect(one.push(chunk)).toBe(0);
    chunk.fill(0);
    expect(push(one, answer('hello').slice(50))).toBe(1);
  });

  it('accepts the right response in another form', () => {
    const one = counter();
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
    const forms = [answer('hello'), answer('hello', { extra: 'x-left: 99\r\n' }), answer('hello'), chunked];
    expect(push(one, [...forms, ...forms].join(''))).toBe(8);
  });

  it('accepts any body with the right status if none is expected', () => {
    const one = counter(null, 201);
    const created = (body: string) => answer(body, { status: '201 Created' });
    expect(push(one, created('a') + created('bb') + created('ccc'))).toBe(3);
  });

  it.each([
    ['another status', answer('hello', { status: '500 Oops' }), 'status 500 instead of 200'],
    ['another length', answer('hell'), 'unexpected body'],
    ['a length that begins with the same digits', answer('hello'.repeat(11)), 'unexpected body'],
    ['fewer bytes than it says', answer('hello').slice(0, -1) + answer('hello'), /not an HTTP|unexpected body/],
    ['more bytes than it says', `${answer('hello')}!${answer('hello')}`, 'not an HTTP/1.1 response'],
    ['the end of the connection', answer('hello', { extra: 'connection: close\r\n' }), 'closes the connection'],
  ])('finds %s, first or later', (_, wrong, message) => {
    expect(() => push(counter(), wrong + answer('hello'))).toThrow(message);
    const warm = counter();
    expect(push(warm, answer('hello').repeat(3))).toBe(3);
    expect(() => push(warm, wrong + answer('hello'))).toThrow(message);
  });

  it('names the number of the response that ends the connection, however the bytes are split', () => {
    const last = answer('hello', { extra: 'connection: close\r\n' });
    for (const [before, message] of [
      [0, 'after a response'],
      [4, 'after 5 responses'],
      [8, 'after 9 responses'],
    ] as const) {
      const stream = answer('hello').repeat(before) + last;
      for (const size of [1, 50, 100, 200, stream.length]) {
        const one = counter();
        expect(() => {
          for (let at = 0; at < stream.length; at += size) push(one, stream.slice(at, at + size));
        }).toThrow(message);
      }
    }
  });

  it('accepts the end of a connection after ten responses', () => {
    const one = counter();
    expect(push(one, answer('hello').repeat(9) + answer('hello', { extra: 'connection: close\r\n' }))).toBe(10);
    expect(one.hasEnded).toBe(true);
  });

  it('rejects an endless head', () => {
    const one = counter();
    expect(() => {
      for (let i = 0; i < 200; i++) push(one, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1000)}`);
    }).toThrow('exceeds');
  });
});
