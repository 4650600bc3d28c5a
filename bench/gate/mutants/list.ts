/** Lists the mutants by asking the servers as a process, as for the arms. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Static } from 'typebox';
import { environmentError, messageOf } from '../../../core/errors.ts';
import { checker } from '../../../core/results/validate.ts';
import { Type } from '../../../core/schema.ts';
import { ArmInfo } from '../../../servers/contract.ts';
import { serverEnvironment } from '../../fleet/replica.ts';

const closed = { additionalProperties: false } as const;

/** A broken server that wraps an arm. */
export const MutantInfo = Type.Object(
  {
    name: Type.String(),
    /** The check that must fail. */
    check: Type.Integer({ minimum: 1 }),
    /** The vulnerability. */
    hole: Type.String(),
    /** Other checks that the same vulnerability may fail, by number, with the reason. */
    alsoFails: Type.Record(Type.String({ pattern: '^[1-9]\\d*$' }), Type.String()),
    /** The description of the wrapped arm, under the mutant's name. */
    info: ArmInfo,
  },
  closed,
);
export type MutantInfo = Static<typeof MutantInfo>;

const checkList = checker(Type.Object({ mutants: Type.Array(MutantInfo) }, closed));
const ENTRY = fileURLToPath(new URL('../../../servers/testing/describe-mutants.ts', import.meta.url));

/** @throws TollgateError if the servers cannot be asked or give an invalid answer */
export async function describeMutants(): Promise<readonly MutantInfo[]> {
  let text: string;
  try {
    // Modules of NODE_OPTIONS could print, and stdout may contain only the list.
    const options = { timeout: 20_000, env: serverEnvironment() };
    ({ stdout: text } = await promisify(execFile)(process.execPath, [ENTRY], options));
  } catch (error) {
    throw environmentError(`the list of mutants cannot be read: ${messageOf(error)}`, 'run npm ci');
  }
  const checked = checkList(JSON.parse(text));
  if (!checked.ok) throw environmentError(`the list of mutants is not of its schema ${checked.reason}`, 'run npm ci');
  return checked.value.mutants;
}
