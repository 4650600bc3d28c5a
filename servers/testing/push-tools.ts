/** A pushed denylist as commonly written: it assumes that it receives every message. */
import type { Redis } from 'ioredis';
import { DeniedTokens } from '../stores/denied-tokens.ts';
import { pushedDenylist } from '../stores/pushed-denylist.ts';

/** It listens until its connection breaks, reads no snapshot, and proves nothing. */
export const credulousDenylist: typeof pushedDenylist = (redis, options) => {
  const real = pushedDenylist(redis, options);
  const heard = new DeniedTokens();
  const listener = (redis.client as Redis).duplicate({ retryStrategy: () => null });
  listener.on('error', () => {});
  listener.on('message', (_channel: string, message: string) => {
    const [, kind, ms, name = ''] = message.split(' ');
    if (kind === 'id') heard.denyToken(name, Number(ms));
    else heard.denyUser(name, Number(ms), Number(ms) + options.lifetimeMs);
  });
  return {
    ...real,
    async start() {
      await listener.connect();
      await listener.subscribe(`${redis.prefix}{denied}`);
    },
    stop: () => listener.disconnect(),
    isDenied: (token) => heard.has(token),
    isCurrent: () => true,
  };
};
