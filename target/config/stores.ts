/** The stores of a service: already running, provided by Tollgate, or started by a configured command. */
import { isLoopback } from '../owner/hosts.ts';
import type { Launch, Variable } from './launch.ts';
import { fill, placeholdersIn } from './placeholders.ts';
import { STORE_KINDS, type StoreKind, type StoreStart } from './schema.ts';
import type { SecretReader, Surroundings } from './secrets.ts';
import type { Shaped } from './shape.ts';
import { checkProgram, directoryOf } from './start.ts';

/** How to start a store, as for a replica. */
export type StoreLaunch = Pick<Launch, 'command' | 'directory' | 'environment' | 'readyWithinMs' | 'stopWithinMs'>;

export type Store = { readonly kind: StoreKind } & (
  | { readonly from: 'running'; readonly url: string }
  | { readonly from: 'provided' }
  /** `{{port}}` in the URL is replaced by its port. */
  | { readonly from: 'command'; readonly url: string; readonly launch: StoreLaunch }
);

const SCHEMES: Readonly<Record<StoreKind, RegExp>> = { redis: /^rediss?:\/\//, postgres: /^postgres(ql)?:\/\// };
const EXAMPLES: Readonly<Record<StoreKind, string>> = {
  redis: 'redis://127.0.0.1:6379',
  postgres: 'postgres://user@127.0.0.1:5432/shop',
};

/** @returns the valid ones; faults of what they refer to are added to the reader's */
export function storesOf(shaped: Shaped, reader: SecretReader, surroundings: Surroundings): Store[] {
  if (!shaped.isKnown('/stores')) return [];
  return STORE_KINDS.flatMap((kind): Store[] => {
    const at = `/stores/${kind}`;
    if (!shaped.isRight(at)) return [];
    const store = shaped.config.stores?.[kind];
    if (store === undefined) return [];
    if (store === 'provided') return [{ kind, from: 'provided' }];
    if ('start' in store) return startedStore(kind, store.start, reader, surroundings);
    const url = reader.read(at, store);
    if (url !== '') checkUrl(kind, at, url, reader);
    return [{ kind, from: 'running', url }];
  });
}

function startedStore(kind: StoreKind, start: StoreStart, reader: SecretReader, surroundings: Surroundings): Store[] {
  const at = `/stores/${kind}/start`;
  const url = typeof start.url === 'string' ? start.url : reader.read(`${at}/url`, start.url);
  if (url !== '') checkUrl(kind, `${at}/url`, fill(url, { port: '1' }), reader);
  const directory = directoryOf(at, start.directory, reader, surroundings);
  if (directory !== null) checkProgram(at, start.command, directory, reader, surroundings);
  if (!placeholdersIn([start.command, start.environment]).includes('port') || !placeholdersIn(url).includes('port'))
    reader.faults.push({
      pointer: at,
      message: 'does not use {{port}} in both the command and the URL',
      hint: 'it is started on a free port: use {{port}} in both',
    });
  const environment = Object.entries(start.environment ?? {}).map(([name, value]): [string, Variable] => [
    name,
    typeof value === 'string' ? { text: value } : { secret: reader.read(`${at}/environment/${name}`, value) },
  ]);
  const launch = {
    command: start.command,
    directory: directory ?? '',
    environment: Object.fromEntries(environment),
    readyWithinMs: 1000 * (start.readyWithinSeconds ?? 30),
    stopWithinMs: 1000 * (start.stopWithinSeconds ?? 3),
  };
  return [{ kind, from: 'command', url, launch }];
}

function checkUrl(kind: StoreKind, pointer: string, url: string, reader: SecretReader): void {
  if (!SCHEMES[kind].test(url) || !URL.canParse(url))
    reader.faults.push({ pointer, message: `is not the URL of a ${titleOf(kind)}`, hint: EXAMPLES[kind] });
  else if (!isLoopback(new URL(url).hostname))
    reader.faults.push({
      pointer,
      message: `is a ${titleOf(kind)} that is not on this machine`,
      hint: 'omit it: its work is then not counted',
    });
}

export const titleOf = (kind: StoreKind): string => (kind === 'redis' ? 'Redis' : 'Postgres');
