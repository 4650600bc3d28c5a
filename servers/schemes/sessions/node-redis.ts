/**
 * The session of @fastify/session in Redis, read and written through node-redis. Indexes of sessions and disabled users go
 * through ioredis, as for every arm. The store is that of the other arms: connect-redis, the usual one for node-redis, extends
 * a session only in `touch`, which @fastify/session never calls.
 */
import { redisOf, type SchemeFactory } from '../../scheme.ts';
import { nodeRedisCommands } from '../../stores/node-redis/commands.ts';
import { redisSessions } from '../session-plugin.ts';

export const nodeRedisSessions: SchemeFactory = (context) => {
  const commands = nodeRedisCommands(redisOf(context).address);
  const sessions = redisSessions({ pluginDefaults: false, commands })(context);
  return {
    ...sessions,
    async install(scope) {
      await commands.open();
      scope.addHook('onClose', async () => commands.close());
      await sessions.install(scope);
    },
  };
};
