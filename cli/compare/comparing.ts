/** The state of one comparison, from the flags to the report. */
import type { Janitor } from '../../bench/processes/janitor.ts';
import type { TollgateConfig } from '../../core/thresholds/config.ts';
import type { Build } from '../../regression/compare/build.ts';
import type { Workshop } from '../../regression/compare/workshop.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Invocation } from '../command.ts';
import type { CompareOptions } from '../options/compare.ts';
import type { ProgressLine } from '../progress.ts';

export interface Comparing extends Pick<Invocation, 'args' | 'signal'> {
  readonly options: CompareOptions;
  readonly config: TollgateConfig;
  readonly base: Build;
  readonly head: Build;
  /** Makes fresh copies of both builds. */
  readonly workshop: Workshop;
  /** The arms as described by this checkout. */
  readonly known: readonly ArmInfo[];
  readonly janitor: Janitor;
  readonly progress: ProgressLine;
}
