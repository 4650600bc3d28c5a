/**
 * One run at a time on a host: two would affect each other. The lock is an abstract socket (unix(7)), which the
 * kernel frees when its process ends for any reason. A refused run can ask how long it has been held.
 */
import { connect, createServer } from 'node:net';

const NAME = '\0tollgate-host';
const ANSWER_WITHIN_MS = 1_000;

/** @returns null if the lock was acquired, otherwise since when another run has had it */
export function takeHost(name = NAME): Promise<string | null> {
  const since = new Date().toISOString();
  const server = createServer((socket) => socket.on('error', () => {}).end(since));
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') askSince(name).then(resolve, reject);
      else reject(error);
    });
    server.listen(name, () => resolve(null));
    server.unref();
  });
}

function askSince(name: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(name).setEncoding('utf8').setTimeout(ANSWER_WITHIN_MS);
    const end = () => {
      socket.destroy();
      resolve(/^[\dT:.Z-]{20,30}$/.test(text) ? text : 'an unknown time');
    };
    socket.on('data', (chunk: string) => {
      text = (text + chunk).slice(0, 100);
    });
    for (const event of ['end', 'error', 'timeout'] as const) socket.on(event, end);
  });
}
