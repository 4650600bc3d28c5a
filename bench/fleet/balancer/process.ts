/** Process entry: one process of a balancer. It ends with its parent. */
import type { Server } from 'node:http';
import { listen } from '../../processes/listen.ts';
import { serve } from '../../processes/rpc.ts';
import { Forwarder } from './forward.ts';
import { BALANCER } from './protocol.ts';

/** Listening on a shared port succeeds even if another program shares it. @throws Error EADDRINUSE */
async function refuseTaken(server: Server, host: string, port: number): Promise<void> {
  await listen(server, { host, port });
  await new Promise((resolve) => server.close(resolve));
}

let forwarder: Forwarder | null = null;

serve(BALANCER, {
  async start({ host, port, index, upstreams, choice }) {
    const started = new Forwarder({ upstreams, choice, turn: index });
    forwarder = started;
    if (index === 0 && port !== 0) await refuseTaken(started.createServer(), host, port);
    const shared = await listen(started.createServer(), { host, port, reusePort: true });
    return { port: shared, ownPort: await listen(started.createServer(), { host, port: 0 }) };
  },
  use({ upstreams }) {
    if (forwarder === null) throw new Error('start it first');
    forwarder.use(upstreams);
    return null;
  },
});
