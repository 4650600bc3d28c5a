/** The available arms, from a process of the servers, because bench knows no scheme. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentError, messageOf } from '../../core/errors.ts';
import { type ArmSummary, NO_FACTS } from '../../core/results/arms.ts';
import { checker } from '../../core/results/validate.ts';
import { type ArmInfo, ArmList } from '../../servers/contract.ts';
import { serverEnvironment } from '../fleet/replica.ts';
import { promisesOf } from './promises.ts';

const ENTRY = fileURLToPath(new URL('../../servers/process/describe.ts', import.meta.url));
const checkList = checker(ArmList);

/** No process could be started: packages are not the cause. */
const LIMITS = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);
const RAISE = 'raise the limits on open files, processes and memory: see ulimit -a';

/** @throws TollgateError if the servers cannot be queried or give an invalid answer */
export async function describeArms(): Promise<readonly ArmInfo[]> {
  let text: string;
  try {
    // With the same environment as replicas: modules of NODE_OPTIONS could print, and stdout may contain only the list.
    const options = { timeout: 20_000, env: serverEnvironment() };
    ({ stdout: text } = await promisify(execFile)(process.execPath, [ENTRY], options));
  } catch (error) {
    const isLimited = error instanceof Error && 'code' in error && LIMITS.has(String(error.code));
    throw environmentError(`the list of arms cannot be read: ${messageOf(error)}`, isLimited ? RAISE : 'run npm ci');
  }
  const checked = checkList(JSON.parse(text));
  if (!checked.ok) throw environmentError(`the list of arms is not of its schema ${checked.reason}`, 'run npm ci');
  return checked.value.arms;
}

/** The description of an arm in a run's header. */
export function summaryOf(info: ArmInfo): ArmSummary {
  const { name, title, summary, family, serverState, stores, hotPath, variant, tags, tokenAlgorithm, colour } = info;
  return {
    name,
    title,
    summary,
    role: info.baseline ? 'baseline' : info.twinOf === undefined ? 'guarded' : 'twin',
    ...(info.twinOf === undefined ? {} : { twinOf: info.twinOf }),
    family,
    serverState,
    stores: stores ?? NO_FACTS.stores,
    hotPath: hotPath ?? NO_FACTS.hotPath,
    variant: variant ?? NO_FACTS.variant,
    tags: tags ?? NO_FACTS.tags,
    tokenAlgorithm: tokenAlgorithm ?? NO_FACTS.tokenAlgorithm,
    colour: colour ?? NO_FACTS.colour,
    ...(info.remembers === undefined ? {} : { remembers: info.remembers }),
    declares: promisesOf(info),
  };
}
