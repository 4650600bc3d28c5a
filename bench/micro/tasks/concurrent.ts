/** Operations that wait for other threads, ten at a time, as in a busy server. */
import { INPUTS, type ReadyTask, type TaskContext } from '../task.ts';

const CONCURRENT = 10;

/** @param expected whether each operation should accept its token; the first is tried before */
export async function concurrent(
  context: TaskContext,
  expected: boolean,
  operation: (index: number) => Promise<boolean>,
): Promise<ReadyTask> {
  let next = 0;
  const step = async () => {
    next = next + 1 === INPUTS ? 0 : next + 1;
    const accepted = await operation(next);
    if (accepted !== expected) throw new Error(expected ? 'it rejects valid input' : 'it accepts invalid input');
    context.keep(accepted);
  };
  await step();
  return {
    operationsPerRun: CONCURRENT,
    run: async () => {
      await Promise.all(Array.from({ length: CONCURRENT }, step));
    },
    once: (done) => {
      step().then(() => done(), done);
    },
  };
}
