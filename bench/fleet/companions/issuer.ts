/** The authorization server of arms with opaque tokens. */
import { randomBytes } from 'node:crypto';
import type { StartIssuer } from '../../../servers/messages.ts';
import type { Companion, CompanionOptions } from './companion.ts';
import { startOwnServer } from './own-server.ts';

const HOST = '127.0.0.1';
const ENTRY = new URL('../../../servers/process/issuer.ts', import.meta.url);

export async function startIssuer(options: CompanionOptions): Promise<Companion> {
  const secret = randomBytes(32).toString('base64url');
  const start = (port: number) => {
    const signingKey = options.secrets.rsaPrivateKey;
    const message: StartIssuer = { type: 'start-issuer', host: HOST, port, secret, signingKey };
    return startOwnServer({ ...options, name: 'the authorization server', entry: ENTRY, start: message });
  };
  let server = await start(0);
  const { port } = server;
  return {
    kind: 'issuer',
    get pid() {
      return server.pid;
    },
    address: { url: `http://${HOST}:${port}`, secret },
    faults: {
      freeze: () => server.signal('SIGSTOP'),
      thaw: () => server.signal('SIGCONT'),
      kill: () => server.kill(),
      async restart() {
        server = await start(port);
      },
    },
    stop: () => server.kill(),
  };
}
