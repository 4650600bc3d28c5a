/** Process entry: one process of a balancer. It ends with its parent. */
import type { Server } from 'node:http';
import { serve } from '../../processes/rpc.ts';
import { Forwarder } from './forward.ts';
import { BALANCER } from './protocol.ts';

/** @returns the port */
function listen(server: Server, host: string, port: number, reusePort: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the kernel gave no port'));
    });
  });
}

/** Listening at a shared port does not fail if another program shares it, too. @throws Error EADDRINUSE */
async function refuseTaken(server: Server, host: string, port: number): Promise<void> {
  await listen(server, host, port, false);
  await new Promise((resolve) => server.close(resolve));
}

let forwarder: Forwarder | null = null;

serve(BALANCER, {
  async start({ host, port, index, upstreams, choice }) {
    const started = new Forwarder({ upstreams, choice, turn: index });
    forwarder = started;
    if (index === 0 && port !== 0) await refuseTaken(started.createServer(), host, port);
    const shared = await listen(started.createServer(), host, port, true);
    return { port: shared, ownPort: await listen(started.createServer(), host, 0, false) };
  },
  use({ upstreams }) {
    if (forwarder === null) throw new Error('start it first');
    forwarder.use(upstreams);
    return null;
  },
});
