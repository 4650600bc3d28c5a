import { describe, expect, it } from 'vitest';
import { ResponseReader } from './reader.ts';
import { ProtocolError, type Response } from './response.ts';

const crlf = (...lines: string[]) => lines.join('\r\n');
const bytes = (text: string) => Buffer.from(text, 'latin1');

/** Feeds the pieces, and returns the result of each push. */
function feed(...pieces: Buffer[]): (Response | null)[] {
  const reader = new ResponseReader();
  return pieces.map((piece) => reader.push(piece));
}

const WHOLE = {
  'with a content length': {
    wire: crlf('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'),
    status: 200,
    body: 'hello',
  },
  'with the same content length twice': {
    wire: crlf('HTTP/1.1 200 OK', 'content-length: 2', 'Content-Length: 2', '', 'ab'),
    status: 200,
    body: 'ab',
  },
  'with an empty body': { wire: crlf('HTTP/1.1 401 Unauthorized', 'content-length: 0', '', ''), status: 401, body: '' },
  'without a reason phrase': { wire: crlf('HTTP/1.1 503 ', 'content-length: 1', '', 'x'), status: 503, body: 'x' },
  'in chunks': {
    wire: crlf('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '3', 'hel', '2;name=value', 'lo', '0', '', ''),
    status: 200,
    body: 'hello',
  },
  'in chunks with a trailer': {
    wire: crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked', '', 'A', '0123456789', '0', 'etag: "x"', '', ''),
    status: 200,
    body: '0123456789',
  },
  'in chunks, with a length that must not count': {
    wire: crlf('HTTP/1.1 200 OK', 'content-length: 1', 'transfer-encoding: chunked', '', '2', 'ab', '0', '', ''),
    status: 200,
    body: 'ab',
  },
  '204, whatever its length says': {
    wire: crlf('HTTP/1.1 204 No Content', 'content-length: 7', '', ''),
    status: 204,
    body: '',
  },
  '304 without a body': { wire: crlf('HTTP/1.1 304 Not Modified', 'etag: "a"', '', ''), status: 304, body: '' },
  'after two interim responses': {
    wire: crlf(
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 103 Early Hints',
      'link: </a>',
      '',
      'HTTP/1.1 201 Created',
      'content-length: 2',
      '',
      'ok',
    ),
    status: 201,
    body: 'ok',
  },
};

describe('a response', () => {
  for (const [name, { wire, status, body }] of Object.entries(WHOLE)) {
    it(`${name} is read completely, and all its bytes are counted`, () => {
      const [response] = feed(bytes(wire));
      expect(response).toMatchObject({ status, bytes: wire.length, closes: false });
      expect(response?.body.toString()).toBe(body);
    });

    it(`${name} is the same wherever it is split in two`, () => {
      for (let at = 1; at < wire.length; at++) {
        const [early, response] = feed(bytes(wire.slice(0, at)), bytes(wire.slice(at)));
        expect(early, `cut at ${at}`).toBeNull();
        expect(response, `cut at ${at}`).toMatchObject({ status, bytes: wire.length });
        expect(response?.body.toString(), `cut at ${at}`).toBe(body);
      }
    });

    it(`${name} is the same byte by byte`, () => {
      const answers = feed(...[...bytes(wire)].map((byte) => Buffer.of(byte)));
      expect(answers.slice(0, -1).every((answer) => answer === null)).toBe(true);
      expect(answers.at(-1)).toMatchObject({ status, bytes: wire.length });
    });

    it(`${name} followed by unsolicited bytes is refused`, () => {
      expect(() => feed(bytes(`${wire}H`))).toThrow(ProtocolError);
    });
  }

  it('is followed by the next one on the same reader', () => {
    const one = bytes(crlf('HTTP/1.1 200 OK', 'content-length: 1', '', 'a'));
    const two = bytes(crlf('HTTP/1.1 404 Not Found', 'content-length: 2', '', 'bb'));
    expect(feed(one, two, one).map((answer) => [answer?.status, answer?.bytes])).toEqual([
      [200, one.length],
      [404, two.length],
      [200, one.length],
    ]);
  });

  it('is the same object as the last one if it is identical, and no other one is', () => {
    const reader = new ResponseReader();
    const of = (status: string, body: string, date: string) =>
      reader.push(bytes(crlf(`HTTP/1.1 ${status}`, `date: ${date}`, 'content-length: 2', '', body)));
    const first = of('200 OK', 'ab', 'now');
    expect(of('200 OK', 'ab', 'now')).toBe(first);
    const others = [of('200 OK', 'ac', 'now'), of('201 OK', 'ac', 'now'), of('201 OK', 'ac', 'not')];
    expect(others.map((each) => [each?.status, each?.body.toString()])).toEqual([
      [200, 'ac'],
      [201, 'ac'],
      [201, 'ac'],
    ]);
    expect(new Set([first, ...others]).size).toBe(4);
    expect(first?.body.toString()).toBe('ab');
  });

  it('is read completely after a part that looks like the last one', () => {
    const reader = new ResponseReader();
    const short = bytes(crlf('HTTP/1.1 200 OK', 'content-length: 2', '', 'ab'));
    const first = reader.push(short);
    const interim = bytes(crlf('HTTP/1.1 100 Continue', '', ''));
    expect(reader.push(interim)).toBeNull();
    const second = reader.push(short);
    expect(second).toMatchObject({ status: 200, bytes: interim.length + short.length });
    expect(reader.push(short)).toBe(first);
    const inside = bytes(crlf('HTTP/1.1 200 OK', `content-length: ${short.length}`, '', ''));
    expect(reader.push(inside)).toBeNull();
    expect(reader.push(short)?.body.equals(short)).toBe(true);
  });

  it('without a length ends with the connection', () => {
    const reader = new ResponseReader();
    const head = crlf('HTTP/1.1 200 OK', 'content-type: text/plain', '', '');
    expect(reader.push(bytes(`${head}some`))).toBeNull();
    expect(reader.push(bytes(' text'))).toBeNull();
    const response = reader.end();
    expect(response).toMatchObject({ status: 200, bytes: head.length + 9, closes: true });
    expect(response?.body.toString()).toBe('some text');
  });

  it('in pieces is reassembled, although their memory is reused', () => {
    const reader = new ResponseReader();
    const memory = Buffer.alloc(64);
    const push = (text: string) => reader.push(memory.subarray(0, memory.write(text, 'latin1')));
    for (const piece of ['HTTP/1.1 200 OK\r\ncon', 'tent-length: 9\r\n\r\nsome ', 'te']) expect(push(piece)).toBeNull();
    expect(push('xt')?.body.toString()).toBe('some text');
  });

  it('that is cut off by the end of the connection is not a response', () => {
    const reader = new ResponseReader();
    reader.push(bytes(crlf('HTTP/1.1 200 OK', 'content-length: 5', '', 'hel')));
    expect(reader.end()).toBeNull();
  });

  it('says whether the connection closes', () => {
    const closes = (version: string, header: string) =>
      feed(bytes(crlf(`HTTP/1.${version} 200 OK`, header, 'content-length: 0', '', '')))[0]?.closes;
    expect(closes('1', 'connection: close')).toBe(true);
    expect(closes('1', 'Connection: foo, Close')).toBe(true);
    expect(closes('1', 'connection: keep-alive')).toBe(false);
    expect(closes('1', 'x-connection: close')).toBe(false);
    expect(closes('1', 'connection: close-notify')).toBe(false);
    expect(closes('0', 'x-a: b')).toBe(true);
    expect(closes('0', 'connection: keep-alive')).toBe(false);
  });
});

describe('a response in very many pieces', () => {
  const PIECE = 50;
  const pushAll = (wire: Buffer): Response | null => {
    const reader = new ResponseReader();
    let response: Response | null = null;
    for (let at = 0; at < wire.length; at += PIECE) response = reader.push(wire.subarray(at, at + PIECE));
    return response ?? reader.end();
  };
  const length = 1_500_000;
  const body = 'x'.repeat(length);
  // To read what has arrived again at every piece would take minutes.
  it.each([
    ['chunks of one byte', `transfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(length)}0\r\n\r\n`],
    ['a length', `content-length: ${length}\r\n\r\n${body}`],
    ['the end of the connection', `x: y\r\n\r\n${body}`],
  ])('takes time in proportion to its bytes, with %s', (_, rest) => {
    const wire = bytes(`HTTP/1.1 200 OK\r\n${rest}`);
    const response = pushAll(wire);
    expect(response?.bytes).toBe(wire.length);
    expect(response?.body.equals(Buffer.from(body))).toBe(true);
  });

  it('is the same object as the last one in pieces if it is identical, wherever it is split', () => {
    const reader = new ResponseReader();
    const wire = crlf('HTTP/1.1 200 OK', 'content-length: 5', '', 'hello');
    const push = (at: number, text = wire) =>
      [text.slice(0, at), text.slice(at)].map((part) => reader.push(bytes(part)));
    const [, first] = push(5);
    for (let at = 1; at < wire.length; at++) expect(push(at)).toEqual([null, first]);
    const [early, other] = push(20, wire.replace('hello', 'hallo'));
    expect(early).toBeNull();
    expect(other?.body.toString()).toBe('hallo');
    expect(first?.body.toString()).toBe('hello');
  });
});

describe('a response that differs from the last one in some lines', () => {
  const reply = (lines: string[], { status = 200, body = 'ab', after = ['date: x'] } = {}) =>
    crlf(`HTTP/1.1 ${status} OK`, 'a: b', ...lines, `content-length: ${body.length}`, ...after, '', body);
  /** A reader that has seen two such responses. */
  const prepared = () => {
    const reader = new ResponseReader();
    const memory = Buffer.alloc(512);
    const push = (text: string) => reader.push(memory.subarray(0, memory.write(text, 'latin1')));
    push(reply(['id: 1']));
    push(reply(['id: 2']));
    return { push };
  };

  it('has its own head', () => {
    const { push } = prepared();
    const lines = [['id: 3'], ['id: 44444'], ['set-cookie: a=b', 'id: 5'], [], ['id: 6']];
    const wires = lines.map((line) => reply(line));
    const answers = wires.map(push);
    expect(answers.map((answer) => answer?.head)).toEqual(wires.map((wire) => wire.slice(0, wire.indexOf('\r\n\r\n'))));
    expect(answers.map((answer) => answer?.bytes)).toEqual(wires.map((wire) => wire.length));
    expect(answers.map((answer) => answer?.body.toString())).toEqual(lines.map(() => 'ab'));
  });

  it('is the same object as the last one if it is identical', () => {
    const { push } = prepared();
    const [three, four] = [reply(['id: 3']), reply(['id: 4'])];
    const first = push(three);
    expect([push(three), push(three)].map((again) => again === first)).toEqual([true, true]);
    expect(push(four)?.head).toContain('id: 4');
    expect(push(three)?.head).toContain('id: 3');
    expect(first?.head).toContain('id: 3');
  });

  it('has its own head if these lines are the last', () => {
    const last = (lines: string[]) => crlf('HTTP/1.1 200 OK', 'content-length: 2', ...lines, '', 'ab');
    const reader = new ResponseReader();
    for (const lines of [['id: 1'], ['id: 2'], ['id: 33'], [], ['id: 4', 'b: c']]) {
      const head = reader.push(bytes(last(lines)))?.head;
      expect(head).toBe(crlf('HTTP/1.1 200 OK', 'content-length: 2', ...lines));
    }
  });

  it('is never taken for one with another status, length, body or end', () => {
    const { push } = prepared();
    expect(push(reply(['id: 3'], { status: 201 }))?.status).toBe(201);
    expect(push(reply(['id: 4'], { body: 'ac' }))?.body.toString()).toBe('ac');
    expect(push(reply(['id: 5'], { body: 'abc' }))?.body.toString()).toBe('abc');
    expect(push(reply(['id: 6'], { after: ['connection: close'] }))?.closes).toBe(true);
  });

  it('is read anew if one of them changes its end', () => {
    expect(prepared().push(reply(['Connection: close']))?.closes).toBe(true);
    expect(prepared().push(reply(['transfer-encoding: chunked']))).toBeNull();
    expect(() => prepared().push(reply(['content-length: 1']))).toThrow('content-length headers that differ');
  });

  it('is read anew if one of them is empty, so that the body begins there', () => {
    const { push } = prepared();
    const inside = crlf('HTTP/1.1 200 OK', 'a: b', '', 'id: 3', 'content-length: 2', 'date: x', '', 'ab');
    expect(push(inside)).toBeNull();
  });
});

describe('a malformed response', () => {
  const head = (...lines: string[]) => bytes(crlf('HTTP/1.1 200 OK', ...lines, '', ''));
  const malformed: Record<string, Buffer> = {
    'no HTTP at all': bytes('SSH-2.0-OpenSSH\r\n\r\n'),
    'HTTP/2': bytes('HTTP/2.0 200 OK\r\n\r\n'),
    'a status that is a number only to JavaScript': bytes('HTTP/1.1 2e2 OK\r\n\r\n'),
    'a status out of range': bytes('HTTP/1.1 999 OK\r\n\r\n'),
    'a negative length': head('content-length: -1'),
    'a length that is no number': head('content-length: five'),
    'two lengths': Buffer.concat([head('content-length: 2', 'content-length: 5'), bytes('ab')]),
    'a length and one that is no number': Buffer.concat([head('content-length: 2', 'content-length: x'), bytes('ab')]),
    'a body beyond the limit': head('content-length: 99999999999'),
    'a chunk size that is no number': Buffer.concat([head('transfer-encoding: chunked'), bytes('xyz\r\n')]),
    'a chunk size beyond the limit': Buffer.concat([head('transfer-encoding: chunked'), bytes('ffffffff\r\n')]),
    'a chunk longer than it says': Buffer.concat([head('transfer-encoding: chunked'), bytes('2\r\nabc\r\n0\r\n\r\n')]),
    'a head that never ends': bytes(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`),
    'a head beyond the limit': bytes(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\ncontent-length: 0\r\n\r\n`),
  };
  for (const [name, wire] of Object.entries(malformed)) {
    it(`is refused: ${name}`, () => {
      expect(() => feed(wire)).toThrow(ProtocolError);
    });
  }

  it('is refused if a chunked body never ends', () => {
    const reader = new ResponseReader();
    reader.push(head('transfer-encoding: chunked'));
    const chunk = Buffer.concat([bytes('f00000\r\n'), Buffer.alloc(0xf00000), bytes('\r\n')]);
    expect(reader.push(chunk)).toBeNull();
    expect(() => reader.push(chunk)).toThrow(ProtocolError);
  });
});
