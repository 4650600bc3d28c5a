/** One run of the open loop, for tests: measurements keep their generator. */
import { thenEnding } from '../../../../core/errors.ts';
import { OpenGenerator, type OpenGeneratorOptions } from '../client.ts';
import type { OpenOptions, OpenResult } from '../schema.ts';

export interface RunOpenExtras extends OpenGeneratorOptions {
  readonly signal?: AbortSignal;
}

/** One run in separate processes, which have ended in every case. @throws as `OpenGenerator.run` does */
export async function runOpen(options: OpenOptions, { signal, ...extras }: RunOpenExtras = {}): Promise<OpenResult> {
  const generator = new OpenGenerator(extras);
  return thenEnding(
    () => generator.run(options, signal),
    () => generator.stop(),
  );
}
