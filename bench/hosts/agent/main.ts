/**
 * Process entry: the agent of a host. It executes the coordinator's requests, received through ssh, and ends
 * everything that it started when the coordinator is gone: its standard input closes or, if the network is cut, no
 * message arrives for some time. If the agent itself is killed, its janitor does the same.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readCpuTicks } from '../../hiccup/steal.ts';
import { login } from '../../load/clients/credential.ts';
import { monotonicMs } from '../../load/open/alarm-clock.ts';
import { CpuAccounts } from '../../processes/accounts.ts';
import { Janitor } from '../../processes/janitor.ts';
import { answer, type ParentChannel } from '../../processes/rpc.ts';
import { SILENT_MS } from '../deadlines.ts';
import { accountHandlers } from './accounts.ts';
import { Children } from './children.ts';
import { readFacts } from './facts.ts';
import { takeHost } from './lock.ts';
import { AGENT, type AgentReady } from './protocol.ts';
import { reachHandlers } from './reach.ts';
import { Stores } from './stores.ts';

process.title = 'tollgate-agent';
// These pipes close with the coordinator; its end is detected by the input alone.
process.stdout.on('error', () => {});
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

const janitor = await Janitor.start();

async function end(): Promise<never> {
  await janitor.finish();
  process.exit(0);
}

/** JSON lines. Every message from the coordinator restarts the time-out. */
function lines(): ParentChannel {
  const input = createInterface({ input: process.stdin });
  let silent = setTimeout(() => void end(), SILENT_MS);
  return {
    say: (message) => void process.stdout.write(`${JSON.stringify(message)}\n`),
    onMessage: (listener) =>
      void input.on('line', (line) => {
        clearTimeout(silent);
        silent = setTimeout(() => void end(), SILENT_MS);
        let message: unknown;
        try {
          message = JSON.parse(line);
        } catch {
          message = null;
        }
        listener(message);
      }),
    onEnd: (listener) => void input.on('close', listener),
  };
}

/** A folder that several hosts share may hold the package of a run that is under way on another one. */
const KEPT_MS = 86_400_000;

/** Packages of other versions, and leftovers of a broken connection. */
function removeOtherPackages(): void {
  const own = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
  const cache = dirname(own);
  for (const name of readdirSync(cache)) {
    if (!/^(?:agent|partial)-/.test(name) || name === basename(own)) continue;
    const path = join(cache, name);
    const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - since > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}

const channel = lines();
channel.onEnd(() => void end());
const since = await takeHost();
if (since !== null) {
  channel.say({ busy: since } satisfies AgentReady);
  await end();
}
removeOtherPackages();
const opened = CpuAccounts.open(janitor);
const accounts = typeof opened === 'string' ? null : opened;
answer(
  AGENT,
  {
    facts: () => readFacts(opened),
    beat: () => null,
    clocks: () => ({ wallMs: Date.now(), monotonicMs: monotonicMs() }),
    ticks: () => readCpuTicks(),
    login: ({ address, username, password, baseline, senderConstrained }) =>
      login(address, { username, password }, { baseline, ...(senderConstrained && { senderConstrained }) }),
    ...accountHandlers,
    ...reachHandlers,
    ...new Children(janitor, accounts).handlers,
    ...new Stores(janitor, accounts).handlers,
  },
  channel,
);
channel.say({ ready: true } satisfies AgentReady);
