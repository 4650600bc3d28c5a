import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection, ConnectionError } from './connection.ts';
import { ProtocolError, type Response } from './response.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
const cleanups: (() => void)[] = [];

/** A server that answers each request with `answer`. */
async function serve(answer: (socket: Socket, request: number) => void) {
  let requests = 0;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => answer(socket, requests++));
  }).listen(0, '127.0.0.1');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, sockets };
}

async function open(answer: (socket: Socket, request: number) => void) {
  const { address, sockets } = await serve(answer);
  const connection = await Connection.open(address);
  cleanups.push(() => connection.close());
  return { connection, sockets };
}

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

describe('a connection', () => {
  it('carries one request after another', async () => {
    const { connection, sockets } = await open((socket) => socket.write(OK));
    for (let i = 0; i < 5; i++) expect((await connection.request(REQUEST)).body.toString()).toBe('ok');
    expect(sockets.length).toBe(1);
    expect(connection.closed).toBe(false);
  });

  it('shares its read buffer with others, and still parses responses that arrive in pieces', async () => {
    const sides: Socket[] = [];
    const { address } = await serve((socket) => {
      sides.push(socket);
      socket.write(OK.slice(0, -2));
    });
    const both = await Promise.all([Connection.open(address), Connection.open(address)]);
    for (const connection of both) cleanups.push(() => connection.close());
    const answers: Promise<Response>[] = [];
    for (const connection of both) {
      const asked = sides.length + 1;
      answers.push(connection.request(REQUEST));
      await vi.waitUntil(() => sides.length === asked, { timeout: 50_000, interval: 5 });
    }
    sides[0]?.write('ab');
    const first = await answers[0];
    sides[1]?.write('cd');
    expect((await answers[1])?.body.toString()).toBe('cd');
    expect(first?.body.toString()).toBe('ab');
  });

  it('allows the next request to be sent from the callback of the last', async () => {
    const { connection } = await open((socket) => socket.write(OK));
    const second = await new Promise<Response | null>((resolve) => {
      connection.send(REQUEST, () => connection.send(REQUEST, (_, response) => resolve(response)));
    });
    expect(second?.status).toBe(200);
  });

  it('refuses a second request while one is in flight', async () => {
    const { connection } = await open(() => {});
    connection.send(REQUEST, () => {});
    expect(() => connection.send(REQUEST, () => {})).toThrow('already in flight');
  });

  it('closes as soon as a response announces it', async () => {
    const { connection } = await open((socket) => socket.write(OK.replace('\r\n', '\r\nconnection: close\r\n')));
    const closedInCallback = await new Promise((resolve) => {
      connection.send(REQUEST, () => resolve(connection.closed));
    });
    expect(closedInCallback).toBe(true);
    await expect(connection.request(REQUEST)).rejects.toThrow(ConnectionError);
  });

  it('returns a response that ends with the connection', async () => {
    const { connection } = await open((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end'));
    expect((await connection.request(REQUEST)).body.toString()).toBe('to the end');
    expect(connection.closed).toBe(true);
  });

  it('reports a connection that ends before the response is complete', async () => {
    const { connection } = await open((socket) => socket.end(OK.slice(0, -1)));
    await expect(connection.request(REQUEST)).rejects.toThrow(ConnectionError);
    expect(connection.closed).toBe(true);
  });

  it('reports a response that is not HTTP, and closes', async () => {
    const { connection } = await open((socket) => socket.write('nonsense\r\n\r\n'));
    await expect(connection.request(REQUEST)).rejects.toThrow(ProtocolError);
    expect(connection.closed).toBe(true);
  });

  it('refuses two answers to one request', async () => {
    const { connection } = await open((socket) => socket.write(OK + OK));
    await expect(connection.request(REQUEST)).rejects.toThrow(ProtocolError);
  });

  it('never uses unsolicited bytes as the answer to the next request', async () => {
    const { connection, sockets } = await open((socket) => socket.write(OK));
    await connection.request(REQUEST);
    const [socket] = sockets;
    if (socket === undefined) throw new Error('no socket');
    const gone = once(socket, 'close');
    socket.write('HTTP/1.1 408 Request Timeout\r\n');
    await gone;
    expect(connection.closed).toBe(true);
    await expect(connection.request(REQUEST)).rejects.toThrow(ConnectionError);
  });

  it('times out on a server that does not respond, exactly once', async () => {
    const { connection } = await open(() => {});
    await expect(connection.request(REQUEST, 20)).rejects.toThrow('no answer within 20 ms');
    expect(connection.closed).toBe(true);
    expect(connection.busy).toBe(false);
  });

  it('reports the request in flight when it is closed', async () => {
    const { connection } = await open(() => {});
    const request = connection.request(REQUEST);
    connection.close();
    await expect(request).rejects.toThrow(ConnectionError);
  });

  it('reports the address if nothing listens there', async () => {
    const { address, sockets } = await serve(() => {});
    for (const cleanup of cleanups.splice(0)) cleanup();
    expect(sockets).toEqual([]);
    await expect(Connection.open(address)).rejects.toThrow(`cannot connect to 127.0.0.1:${address.port}`);
  });
});
