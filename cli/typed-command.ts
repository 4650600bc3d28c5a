/** A command line that can be copied and run again. Pure. */
import { shellWord } from '../core/text/shell.ts';

export function typedCommand(script: string, args: readonly string[]): string {
  return args.length === 0 ? `npm run ${script}` : `npm run ${script} -- ${args.map(shellWord).join(' ')}`;
}
