/**
 * Plans a setup before anything is changed: steps from the requirements, the programs found, and the package manager.
 */
import { MANAGERS, type ManagerInfo, type ManagerName, NEED_INFO, type Need } from './managers.ts';

export interface Manager {
  readonly name: ManagerName;
  /** How a command gets root privileges: it already has them, by `sudo -n`, or not at all. */
  readonly privilege: 'root' | 'sudo' | 'none';
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the environment of setup itself. */
  readonly env: Readonly<Record<string, string>>;
}

/** One way to meet a need: install the package, then stop the service that came with it. */
export interface Attempt {
  readonly package: string;
  readonly install: Command;
  /** Run only if systemd runs, and only if the installation provided the program. */
  readonly stopService: Command | null;
}

export type Step =
  | { readonly kind: 'refresh'; readonly command: Command }
  | {
      readonly kind: 'install';
      readonly need: Need;
      readonly line: string;
      /** Attempts in order, until one provides the program. */
      readonly attempts: readonly Attempt[];
      /** The hint if all attempts fail. */
      readonly hint: string;
    }
  | { readonly kind: 'missing'; readonly need: Need; readonly hint: string };

export interface PlanOptions {
  /** False (TOLLGATE_NO_INSTALL=1): only report what is missing. */
  readonly mayInstall: boolean;
  /** Faults of the configuration that no install can fix, one line each. */
  readonly faults?: Partial<Readonly<Record<Need, string>>>;
}

/**
 * The steps for all programs that were not found. Duplicates are ignored, and the order is kept; the package lists
 * are refreshed at most once, before the first install. Empty if everything was found.
 */
export function plan(
  needs: readonly Need[],
  found: Readonly<Record<Need, string | null>>,
  manager: Manager | null,
  options: PlanOptions,
): Step[] {
  const steps: Step[] = [];
  for (const need of new Set(needs)) {
    if (found[need] !== null) continue;
    const fault = options.faults?.[need];
    if (fault !== undefined) steps.push({ kind: 'missing', need, hint: fault });
    else steps.push(stepFor(need, manager, options.mayInstall));
  }
  if (manager === null || !steps.some((step) => step.kind === 'install')) return steps;
  const { refresh } = MANAGERS[manager.name];
  return refresh === null ? steps : [{ kind: 'refresh', command: commandOf(manager, refresh) }, ...steps];
}

/** Needs whose packages start a service. */
const SERVERS: readonly Need[] = ['redis', 'postgres', 'sshd'];
/** The systemd service of a package, if its name differs from the package's. */
const SERVICES: Readonly<Record<string, string>> = { 'openssh-server': 'ssh' };

function stepFor(need: Need, manager: Manager | null, mayInstall: boolean): Step {
  const hint = hintOf(need, manager);
  if (manager === null || !mayInstall) return { kind: 'missing', need, hint };
  const info: ManagerInfo = MANAGERS[manager.name];
  if (info.needsRoot && manager.privilege === 'none') return { kind: 'missing', need, hint };
  const packages = info.packages[need];
  return {
    kind: 'install',
    need,
    line: `installing ${packages[0]} with ${manager.name} (${NEED_INFO[need].why}; done once)`,
    attempts: packages.map((name) => ({
      package: name,
      install: commandOf(manager, [...info.install, name]),
      stopService: info.startsServices && SERVERS.includes(need) ? stopServiceOf(manager, name) : null,
    })),
    hint,
  };
}

/** One line: what is missing, what it is for, and how to get it. */
function hintOf(need: Need, manager: Manager | null): string {
  const { title, why, otherwise } = NEED_INFO[need];
  const ways: string[] = [];
  if (manager === null) ways.push(`install it (no known package manager is on the PATH)`);
  else {
    const { install, needsRoot, packages } = MANAGERS[manager.name];
    const verb = install.find((word) => !word.startsWith('-')) ?? install[0];
    const sudo = needsRoot && manager.privilege !== 'root' ? 'sudo ' : '';
    ways.push(`run "${sudo}${manager.name} ${verb} ${packages[need][0]}"`);
  }
  if (otherwise !== null) ways.push(otherwise);
  return `no ${title} found (${why}): ${ways.join(', or ')}`;
}

function stopServiceOf(manager: Manager, service: string): Command {
  const command = ['systemctl', 'disable', '--now', '--quiet', `${SERVICES[service] ?? service}.service`];
  return asRoot(manager, command, {});
}

function commandOf(manager: Manager, args: readonly string[]): Command {
  const { env, needsRoot } = MANAGERS[manager.name];
  if (!needsRoot) return { program: manager.name, args, env };
  return asRoot(manager, [manager.name, ...args], env);
}

/** sudo clears the environment, so the required variables are passed through env(1). */
function asRoot(manager: Manager, words: readonly string[], env: Readonly<Record<string, string>>): Command {
  const [program = '', ...args] = words;
  if (manager.privilege === 'root') return { program, args, env };
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return { program: 'sudo', args: ['-n', 'env', ...assignments, ...words], env: {} };
}
