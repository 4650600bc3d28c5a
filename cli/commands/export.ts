/** `npm run export`: the requests of a service or an arm as a script of another load generator. */

import { readFileSync } from 'node:fs';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, messageOf, UsageError } from '../../core/errors.ts';
import { parseJsonText } from '../../core/inert.ts';
import { nearest, similar } from '../../core/text/nearest.ts';
import { semanticFaults } from '../../target/config/sense.ts';
import { ServiceError } from '../../target/config/service.ts';
import { readShape } from '../../target/config/shape.ts';
import { type Flow, flowOf, flowOfArm } from '../../target/export/flow.ts';
import { k6Script } from '../../target/export/k6.ts';
import type { Command, FlagTable } from '../command.ts';
import { noteWritten, print } from '../output.ts';
import { MOST_RPS, readInteger, readSeconds } from '../parse/values.ts';
import { checkWritable, writeReportFile } from '../report-file.ts';
import { readConfigOf } from '../thresholds.ts';

const FORMATS = ['k6'];

const FLAGS = {
  out: { value: 'FILE', help: 'Write the script here (default: print it).' },
  rate: { value: 'N', help: 'Send this many guarded requests per second (default: 50).' },
  seconds: { value: 'TIME', help: 'Run the load for this long (default: 30s).' },
  config: { value: 'FILE', help: 'Read the limits from this file (default: tollgate.config.json, if any).' },
} as const satisfies FlagTable;

export const exportFlow: Command = {
  flags: FLAGS,
  positionals: [
    { name: 'k6', help: 'The load generator that the script is for.' },
    { name: 'TARGET', help: 'A service.json, or the name of a built-in arm.' },
  ],
  examples: [
    { args: 'k6 service.json --out load.js', does: 'a script with the login and the requests of a service' },
    { args: 'k6 jwt-hs256 --rate 200', does: 'a script for replicas of an arm, printed' },
  ],
  notes: async () => [
    'The script contains no secrets: it reads passwords from environment variables, named as in service.json.',
    'Limits on latency_us become k6 thresholds; a comment lists those that k6 cannot measure.',
  ],
  async run(invocation) {
    const { values, positionals, faults, refuseFaults } = invocation;
    const [format, named] = positionals;
    if (format === undefined || !FORMATS.includes(format))
      faults.push(
        format === undefined ? 'name the format: k6' : `unknown format ${format}: ${nearest(format, FORMATS)}`,
      );
    if (named === undefined) faults.push('name a service.json or an arm: npm run export -- k6 service.json');
    const ratePerSecond = readInteger('rate', values.rate ?? '50', 1, MOST_RPS, faults) ?? 0;
    const seconds = readSeconds('seconds', values.seconds ?? '30s', faults) ?? 0;
    checkWritable('out', values.out ?? null, faults);
    refuseFaults();
    const arms = await describeArms();
    const arm = arms.find(({ name }) => name === named);
    if (arm?.senderConstrained === true) {
      throw new UsageError(
        [`${arm.name} needs a proof signed for each request, which the scripts cannot make`],
        'name another arm; npm run bench signs proofs itself',
      );
    }
    const flow =
      arm === undefined
        ? readFlow(
            named ?? '',
            arms.map(({ name }) => name),
          )
        : flowOfArm(arm);
    // A limit may name the service like an arm.
    const known = arm === undefined ? [...arms, { name: flow.name }] : arms;
    const { thresholds } = readConfigOf(
      { file: values.config ?? null, strict: false, command: 'bench' },
      known,
      faults,
    );
    refuseFaults();
    const limits = thresholds.filter(({ arm: of }) => of === null || of === flow.name);
    const script = k6Script(flow, { ratePerSecond, seconds, limits });
    writeReportFile(values.out ?? null, script);
    if (values.out === undefined) print(script);
    else noteWritten(values.out);
    return EXIT.done;
  },
};

/** @param arms suggested for a wrong name @throws UsageError with every fault of the configuration; its secrets are not read */
function readFlow(path: string, arms: readonly string[]): Flow {
  let value: unknown;
  try {
    value = parseJsonText(readFileSync(path, 'utf8'));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const meant = isMissing ? similar(path, arms) : null;
    const hint = meant === null ? '' : `: did you mean ${meant}?`;
    throw new UsageError(
      [isMissing ? `${path} is neither a file nor an arm${hint}` : `${path} cannot be read: ${messageOf(error)}`],
      'name a service.json, or an arm that npm run bench -- --help lists',
    );
  }
  const shaped = readShape(value);
  const faults = [...shaped.faults, ...semanticFaults(shaped)];
  if (faults.length > 0) throw new ServiceError(path, faults);
  return flowOf(shaped.config);
}
