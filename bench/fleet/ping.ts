/** Round-trip times of sequential PINGs to Redis over a plain socket, without a client library. */

import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connect as connectTls } from 'node:tls';
import { runError } from '../../core/errors.ts';
import { parseRedisUrl } from './redis/url.ts';

const PING = Buffer.from('PING\r\n');

/** Sends a line and waits for the line that answers it. */
function ask(socket: Socket, bytes: Buffer | string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (end: () => void) => {
      socket.off('data', onData);
      socket.off('close', onClose);
      end();
    };
    const onData = (chunk: Buffer | string) => {
      text += chunk.toString('latin1');
      if (text.endsWith('\r\n')) settle(() => resolve(text.slice(0, -2)));
    };
    const onClose = () => settle(() => reject(runError('Redis closed the connection of a PING', 'run it again')));
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.write(bytes);
  });
}

/**
 * @param url of a Redis, or of a proxy in front of it @param least number of measurements, which take 50 ms at least
 * @returns round-trip times in µs, in order @throws TollgateError if it does not respond
 */
export async function pingTimes(url: string, least: number): Promise<number[]> {
  const { at, username, password } = parseRedisUrl(url);
  const socket = 'path' in at ? connect(at) : at.tls ? connectTls(at) : connect(at);
  socket.setNoDelay(true);
  // An error closes it as well.
  socket.on('error', () => {});
  try {
    // As an array of bulk strings, since a password may contain anything.
    const words = ['AUTH', ...(username === '' ? [] : [username]), password];
    const auth = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    const welcome = password === '' ? '+OK' : await ask(socket, `*${words.length}\r\n${auth}`);
    if (welcome !== '+OK') throw runError('Redis refuses the password of a PING', 'check REDIS_URL');
    const times: number[] = [];
    const until = performance.now() + 50;
    while (times.length < least || performance.now() < until) {
      const start = performance.now();
      const answer = await ask(socket, PING);
      if (answer !== '+PONG') throw runError(`Redis answers ${answer.slice(0, 60)} to a PING`, 'check REDIS_URL');
      times.push((performance.now() - start) * 1000);
    }
    return times;
  } finally {
    socket.destroy();
  }
}
