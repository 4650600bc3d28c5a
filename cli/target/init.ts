/** Finds the configuration of a running service by trying common defaults. */
import { existsSync } from 'node:fs';
import type { Endpoint } from '../../bench/gate/http.ts';
import { ConnectionError } from '../../bench/load/connection/connection.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { runError, usageError } from '../../core/errors.ts';
import type { ServiceConfig } from '../../target/config/schema.ts';
import { discover } from '../../target/discover/discover.ts';
import type { Listener } from '../../target/discover/searched.ts';
import { endpointOf } from '../../target/flow/endpoint.ts';
import { shownPath } from '../../target/flow/login.ts';
import { hintFor, shownFault } from '../../target/flow/unanswered.ts';
import { isLoopback } from '../../target/owner/hosts.ts';
import { pinned } from '../../target/process/pin.ts';
import type { Invocation } from '../command.ts';
import { print, printNote } from '../output.ts';
import { StepLine } from '../progress.ts';
import { refuseUnused } from './flags.ts';

/** Where a user's name and password are looked for. */
const USERNAME = 'TARGET_USERNAME';
const PASSWORD = 'TARGET_PASSWORD';
const FILE = 'service.json';

/**
 * @returns the configuration that `--url`, `--login` and `--guarded` lead to @throws TollgateError (usage) with every
 * fault
 */
export async function discovered({
  values,
  switches,
  faults,
  refuseFaults,
  signal,
}: Invocation): Promise<ServiceConfig> {
  const { url: text = '', login = null, guarded = null } = values;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    faults.push('--url: name where the service runs, such as --url http://127.0.0.1:3000');
  else if (!isLoopback(url.hostname))
    faults.push(`--url: ${url.hostname} is not this machine: write service.json by hand for other hosts`);
  const pins = switches.has('insecure-loopback');
  if (pins && url?.protocol === 'http:') faults.push('--insecure-loopback needs https in --url');
  for (const [flag, path] of Object.entries({ login, guarded }))
    if (path !== null && !/^\/[\x21-\x7e]*$/.test(path))
      faults.push(`--${flag}: name a path, such as --${flag} /${flag}`);
  const [username = '', password = ''] = [process.env[USERNAME], process.env[PASSWORD]];
  for (const [name, value] of Object.entries({ [USERNAME]: username, [PASSWORD]: password }))
    if (value === '')
      faults.push(`${name} is not set: export the ${name === USERNAME ? 'name' : 'password'} of a user`);
  refuseFaults();
  if (url === null) throw usageError('--url is missing', 'name where the service runs');
  const endpoint = endpointOf(url, null);
  const line = new StepLine();
  const listener: Listener = {
    tries: (request) => line.update(`trying ${request}`),
    finds(part) {
      line.clear();
      printNote(part);
    },
  };
  try {
    return await discover({
      url,
      endpoint: pins ? await pinnedTo(endpoint) : endpoint,
      user: { username, password },
      login,
      guarded,
      passwordVariable: PASSWORD,
      signal,
      listener,
    });
  } finally {
    line.clear();
  }
}

/** @throws TollgateError in one line if the port does not speak TLS */
async function pinnedTo(endpoint: Endpoint): Promise<Endpoint> {
  try {
    return await pinned(endpoint);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw runError(shownFault(error), await hintFor(error, { method: 'GET', path: '/' }, endpoint));
  }
}

/** Writes the file. @throws TollgateError (usage) if it exists */
export async function initTarget(invocation: Invocation): Promise<void> {
  refuseUnused('init', invocation);
  if (existsSync(FILE)) invocation.faults.push(`${FILE} exists: remove it, or go to another folder`);
  const config = await discovered(invocation);
  writeAtomically(FILE, `${JSON.stringify(config, null, 2)}\n`);
  print(
    `${FILE} is written: login ${shownPath(config.login.request.path)}, guarded ${shownPath(config.requests.guarded.path)}`,
  );
  printNote('Add a second user, an admin, and start in place of urls: docs/targets.md explains each part.');
}
