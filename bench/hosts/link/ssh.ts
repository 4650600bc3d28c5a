/** The command line of the system's ssh, and the meaning of its errors. Pure. */
import { environmentError, type TollgateError } from '../../../core/errors.ts';
import { inertLine } from '../../../core/inert.ts';
import { shellWord } from '../../../core/text/shell.ts';
import { mostInformativeLine } from '../../processes/ending.ts';
import type { HostEntry } from '../config/read.ts';
import { BOOT } from '../copy/boot.ts';
import type { Bundle } from '../copy/bundle.ts';
import { CONNECT_MS } from '../deadlines.ts';

/**
 * The arguments of ssh. It never prompts, and checks host keys, whatever the user's configuration says.
 * @param sshConfig a file; null for ssh's own
 */
export function sshArguments(host: HostEntry, sshConfig: string | null, bundle: Bundle): string[] {
  const options = {
    BatchMode: 'yes',
    ConnectTimeout: String(CONNECT_MS / 1000),
    ControlPath: 'none',
    ForwardAgent: 'no',
    StrictHostKeyChecking: 'yes',
  };
  const words = ['-e', BOOT, bundle.hash, String(bundle.bytes.length), bundle.entry];
  return [
    ...(sshConfig === null ? [] : ['-F', sshConfig]),
    '-T',
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '--',
    host.ssh,
    `exec ${[host.node, ...words].map(shellWord).join(' ')}`,
  ];
}

interface Refusal {
  readonly pattern: RegExp;
  readonly what: string;
  readonly hint: (host: HostEntry) => string;
}

/** Messages of OpenSSH 8 and later; the first match counts. */
const REFUSALS: readonly Refusal[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    what: 'has a different host key than before: it is another machine, or was reinstalled',
    hint: ({ ssh }) =>
      `find out why; if the new key is correct, remove the old one with ssh-keygen -R, and run ssh ${ssh}`,
  },
  {
    pattern: /Host key verification failed|No \S+ host key is known/,
    what: 'has an unknown host key',
    hint: ({ ssh }) => `run ssh ${ssh} once, and verify the key that it shows`,
  },
  {
    pattern: /Permission denied/,
    what: 'refuses the login',
    hint: ({ ssh }) => `make ssh ${ssh} work without a prompt: add a key to its authorized_keys, or to ssh-agent`,
  },
  {
    pattern: /Could not resolve hostname/,
    what: 'has a name that cannot be resolved',
    hint: () => 'correct "ssh" in hosts.json, or the HostName of your ssh configuration',
  },
  {
    pattern: /Connection timed out|Operation timed out|timed out during banner|No route to host|Network is unreachable/,
    what: `does not answer ssh within ${CONNECT_MS / 1000} s`,
    hint: () => 'start it, or open its firewall for ssh from here',
  },
  {
    pattern: /Connection refused/,
    what: 'has no ssh server at that port',
    hint: () => 'start sshd there, or correct the port',
  },
];

/** Banners and reminders, which are not errors. */
const NOISE = /^(?:@+|\s*$|Warning: Permanently added|\*\*)/;

/** The most informative line written by ssh or the host, without control characters. */
function tellingWords(stderr: string): string {
  const lines = stderr.split('\n').filter((each) => !NOISE.test(each));
  return inertLine(mostInformativeLine(lines.join('\n'))).slice(0, 200);
}

/** The reason why a host could not be used, if its ssh ended before the agent started. */
export function refusalOf(host: HostEntry, stderr: string, code: number | null): TollgateError {
  const said = tellingWords(stderr);
  const known = REFUSALS.find(({ pattern }) => pattern.test(stderr));
  const named = `host ${host.name}`;
  if (code === 255 && known !== undefined)
    return environmentError(`${named} ${known.what} (ssh: ${said})`, known.hint(host));
  if (code === 127 || /not found|No such file/.test(stderr)) {
    return environmentError(
      `${named} has no Node.js: ${host.node} cannot be started (${said})`,
      'install Node.js there, or set "node" in hosts.json to its path',
    );
  }
  return environmentError(
    `${named} cannot be used: ${said === '' ? `ssh ended with exit code ${code}` : said}`,
    `run ssh ${host.ssh} by hand, and correct what it reports`,
  );
}
