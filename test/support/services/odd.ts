/** A service with the fault that its first argument names. It usually listens on PORT. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createSocketServer } from 'node:net';
import { makeCertificate } from '../../../bench/fleet/certificate.ts';

const [way = ''] = process.argv.slice(2);
const port = Number(process.env.PORT);

const answer = (request: IncomingMessage, response: ServerResponse) => {
  if (request.url === '/die') {
    console.error('fatal: the database is gone');
    process.exit(7);
  }
  if (request.url === '/print') for (let i = 0; i < 4_000; i++) console.log('x'.repeat(1_000));
  response.end(String(process.env.TELLS ?? ''));
};
const server = createServer(answer);

/** A process that outlives its parent: in the same process group, or in a separate session. */
function leaveBehind(detached: boolean): void {
  const child = spawn('sleep', ['600'], { detached, stdio: 'ignore' });
  console.log(`child ${child.pid}`);
  child.unref();
}

switch (way) {
  case 'exits':
    console.error(`cannot connect to ${process.env.TELLS}`);
    process.exit(3);
    break;
  case 'other-port':
    server.listen(0, '127.0.0.1');
    break;
  case 'ipv6':
    server.listen(port, '::1');
    break;
  case 'closes':
    // Ready never: it ends each response within its body.
    createSocketServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    }).listen(port, '127.0.0.1');
    break;
  case 'never':
    setInterval(() => {}, 1_000);
    break;
  case 'tells-port':
    // Ready never: it writes its port into a file.
    writeFileSync(String(process.env.TELLS), String(port));
    setInterval(() => {}, 1_000);
    break;
  case 'deaf':
    process.on('SIGTERM', () => {});
    server.listen(port, '127.0.0.1');
    break;
  case 'prints':
    for (let i = 0; i < 4_000; i++) console.log('x'.repeat(1_000));
    console.log('ready');
    server.listen(port, '127.0.0.1');
    break;
  case 'slow':
    setTimeout(() => server.listen(port, '127.0.0.1'), 1_200);
    break;
  case 'tls': {
    // Each replica generates its own certificate, and signs it itself.
    const { privateKey, certificate } = makeCertificate();
    createTlsServer({ key: privateKey, cert: certificate }, answer).listen(port, '127.0.0.1');
    break;
  }
  case 'child':
  case 'daemon':
    leaveBehind(way === 'daemon');
    server.listen(port, '127.0.0.1');
    break;
  default:
    server.listen(port, '127.0.0.1');
}
