/** A service that sends Redis two commands per guarded request, in Redis' own protocol. A child does some of its work. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const { PORT = '0', REDIS_PORT = '0', REDIS_PASSWORD = '', PASSWORD = '' } = process.env;

const redis = connect({ host: '127.0.0.1', port: Number(REDIS_PORT), noDelay: true });
const command = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
redis.write(command('AUTH', REDIS_PASSWORD));
await once(redis, 'data');

/** Pending requests for two replies each, and the replies so far. */
const waiting: (() => void)[] = [];
let replies = 0;
redis.on('data', (data: Buffer) => {
  replies += data.toString('latin1').split('\r\n').length - 1;
  for (; replies >= 2; replies -= 2) waiting.shift()?.();
});

createServer((request, response) => {
  response.setHeader('cache-control', 'no-store');
  if (request.url === '/') return void response.end('open');
  if (request.url === '/login') {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      // The complete value: a longer password is a different one.
      response.statusCode = text.includes(`"${PASSWORD}"`) ? 200 : 401;
      response.end(response.statusCode === 200 ? '{"token":"token-of-alice"}' : '');
    });
    return;
  }
  if (request.headers.authorization !== 'Bearer token-of-alice') {
    response.statusCode = 401;
    return void response.end();
  }
  waiting.push(() => response.end('{"name":"alice"}'));
  redis.write(command('GET', 'one') + command('GET', 'two'));
}).listen(Number(PORT), '127.0.0.1');
