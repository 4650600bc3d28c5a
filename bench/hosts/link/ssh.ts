/** How the system's ssh is called, and what its refusals mean. Pure. */
import { environmentError, type TollgateError } from '../../../core/errors.ts';
import { inertLine } from '../../../core/inert.ts';
import { tellingLine } from '../../processes/ending.ts';
import type { HostEntry } from '../config/read.ts';
import { BOOT } from '../copy/boot.ts';
import type { Bundle } from '../copy/bundle.ts';
import { CONNECT_MS } from '../deadlines.ts';

/** A word of a POSIX shell. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

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
    `exec ${[host.node, ...words].map(quoted).join(' ')}`,
  ];
}

interface Refusal {
  readonly pattern: RegExp;
  readonly what: string;
  readonly mend: (host: HostEntry) => string;
}

/** What ssh writes, of OpenSSH 8 and later; the first that fits counts. */
const REFUSALS: readonly Refusal[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    what: 'shows another host key than the one that is known: it is another machine, or was set up afresh',
    mend: ({ ssh }) =>
      `find out why; if the new key is right, remove the old one with ssh-keygen -R, and run ssh ${ssh}`,
  },
  {
    pattern: /Host key verification failed|No \S+ host key is known/,
    what: 'shows a host key that is not known here',
    mend: ({ ssh }) => `run ssh ${ssh} once, and compare the key that it shows`,
  },
  {
    pattern: /Permission denied/,
    what: 'does not let you in',
    mend: ({ ssh }) => `make ssh ${ssh} work without a question: add a key to its authorized_keys, or to ssh-agent`,
  },
  {
    pattern: /Could not resolve hostname/,
    what: 'has a name that cannot be resolved',
    mend: () => 'correct "ssh" in hosts.json, or the HostName of your ssh configuration',
  },
  {
    pattern: /Connection timed out|Operation timed out|timed out during banner|No route to host|Network is unreachable/,
    what: `does not answer ssh within ${CONNECT_MS / 1000} s`,
    mend: () => 'start it, or open its firewall for ssh from here',
  },
  {
    pattern: /Connection refused/,
    what: 'has no ssh server at that port',
    mend: () => 'start sshd there, or correct the port',
  },
];

/** Banners and reminders, which are no faults. */
const NOISE = /^(?:@+|\s*$|Warning: Permanently added|\*\*)/;

/** The line that tells most of what ssh or a host wrote, without what could control a terminal. */
function tellingWords(stderr: string): string {
  const lines = stderr.split('\n').filter((each) => !NOISE.test(each));
  return inertLine(tellingLine(lines.join('\n'))).slice(0, 200);
}

/** Why a host could not be used, from how its ssh ended before the agent spoke. */
export function refusalOf(host: HostEntry, stderr: string, code: number | null): TollgateError {
  const said = tellingWords(stderr);
  const known = REFUSALS.find(({ pattern }) => pattern.test(stderr));
  const named = `host ${host.name}`;
  if (code === 255 && known !== undefined)
    return environmentError(`${named} ${known.what} (ssh: ${said})`, known.mend(host));
  if (code === 127 || /not found|No such file/.test(stderr)) {
    return environmentError(
      `${named} has no Node.js: ${host.node} cannot be started (${said})`,
      'install Node.js there, or set "node" in hosts.json to its path',
    );
  }
  return environmentError(
    `${named} cannot be used: ${said === '' ? `ssh ended with exit code ${code}` : said}`,
    `see what ssh ${host.ssh} says`,
  );
}
