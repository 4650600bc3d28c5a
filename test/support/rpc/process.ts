/** Process entry for tests of the exchange between a process and its parent. */
import { serve } from '../../../bench/processes/rpc.ts';
import { SAMPLE } from './table.ts';

serve(SAMPLE, {
  double: (number) => 2 * number,
  fail: () => {
    throw new Error('no paper left');
  },
  lie: () => ({ figures: ['one'] as unknown as number[] }), // what the type forbids may still be sent
  async count(to, note) {
    for (let i = 1; i <= to; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      note(i);
    }
    return null;
  },
  hang: () => new Promise(() => {}),
  crash: () => {
    setImmediate(() => {
      throw new TypeError('out of cheese');
    });
    return new Promise(() => {});
  },
});
