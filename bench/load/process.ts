/** Process entry of a load generator. It does what the bench process asks, and goes when that process goes. */
import { Compile } from 'typebox/compile';
import { messageOf } from '../../core/errors.ts';
import { createRandom } from '../../core/stats/random.ts';
import { Clients } from './clients/clients.ts';
import { hashCost } from './clients/hashing.ts';
import { closedSlice } from './closed/closed.ts';
import { walkSlice } from './closed/walk.ts';
import { PairedLoad } from './paired/paired.ts';
import { KeptLoad } from './pool/pool.ts';
import { type FromGenerator, ToGenerator } from './protocol.ts';

const toGenerator = Compile(ToGenerator);
let paired: PairedLoad | null = null;
let clients: Clients | null = null;
let kept: KeptLoad | null = null;

function answer(message: FromGenerator): void {
  process.send?.(message);
}

async function carryOut(message: ToGenerator): Promise<FromGenerator> {
  const { id } = message;
  switch (message.type) {
    case 'open':
      paired?.close();
      paired = await PairedLoad.open(message.targets);
      return { type: 'opened', id };
    case 'warm': {
      if (paired === null) return { type: 'failed', id, message: 'warm-up was asked for before targets were opened' };
      return { type: 'warmed', id, requests: await paired.warmUp(message.requests, message.timeoutMs, message.keys) };
    }
    case 'paired': {
      if (paired === null) return { type: 'failed', id, message: 'a block was asked for before targets were opened' };
      const random = createRandom(message.seed);
      return {
        type: 'tallies',
        id,
        tallies: await paired.block(message.rounds, message.batches, message.inFlight, random, message.keys),
      };
    }
    case 'connects': {
      if (paired === null)
        return { type: 'failed', id, message: 'connections were asked for before targets were opened' };
      const { rounds, connections, resume, seed, keys } = message;
      const tallies = await paired.connects({ rounds, connections, resume, keys }, createRandom(seed));
      return { type: 'tallies', id, tallies };
    }
    case 'enrol':
      clients?.close();
      clients = new Clients(message.clients);
      return { type: 'opened', id };
    case 'operate': {
      if (clients === null)
        return { type: 'failed', id, message: 'an operation was asked for before clients were enrolled' };
      return { type: 'tallies', id, tallies: await clients.operate(message, createRandom(message.seed)) };
    }
    case 'storm': {
      if (clients === null)
        return { type: 'failed', id, message: 'a storm was asked for before clients were enrolled' };
      return { type: 'stormed', id, ...(await clients.storm(message)) };
    }
    case 'hash':
      return { type: 'hashed', id, ...(await hashCost(message.memoryKiB, message.passes, message.count)) };
    case 'closed':
      return { type: 'tallies', id, tallies: [await closedSlice(message.target, message)] };
    case 'keep':
      await kept?.close();
      kept = null;
      kept = await KeptLoad.open(message.targets);
      return { type: 'opened', id };
    case 'touch':
    case 'visit': {
      if (kept === null) return { type: 'failed', id, message: 'a visit was asked for before connections were kept' };
      if (message.type === 'visit') return { type: 'tallies', id, tallies: [await kept.visit(message.key, message)] };
      await kept.touch();
      return { type: 'opened', id };
    }
    case 'walk':
      return { type: 'tallies', id, tallies: [await walkSlice(message.target, message)] };
  }
}

if (process.send === undefined) {
  process.stderr.write('This is a part of npm run bench and is started by it.\n');
  process.exit(2);
}
// Ctrl-C reaches the whole group; the bench process decides what ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: unknown) => {
  if (!toGenerator.Check(message)) {
    answer({ type: 'failed', id: -1, message: 'a message was not of the generator’s form' });
    return;
  }
  carryOut(message).then(answer, (error: unknown) =>
    answer({ type: 'failed', id: message.id, message: messageOf(error) }),
  );
});
