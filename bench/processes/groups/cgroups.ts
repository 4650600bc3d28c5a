/**
 * Locates the control groups of a process: `/proc/PID/cgroup` names them, and `/proc/self/mountinfo` says where their
 * trees are mounted (cgroups(7)). Version 1 has a tree for each controller or pair of controllers, version 2 a single
 * one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GroupMount {
  readonly version: 1 | 2;
  /** Controllers of version 1; empty for version 2, where each group lists its own. */
  readonly controllers: readonly string[];
  /** The group that is mounted: a container may see only a part of the tree. */
  readonly root: string;
  readonly path: string;
}

/** A directory in a tree of groups. */
export interface Group {
  readonly version: 1 | 2;
  readonly path: string;
  /** The uppermost visible group. */
  readonly top: string;
}

/** @param mountinfo the text of `/proc/self/mountinfo` */
export function parseGroupMounts(mountinfo: string): GroupMount[] {
  return mountinfo.split('\n').flatMap((line): GroupMount[] => {
    const [mount = '', source = ''] = line.split(' - ');
    const [, , , root, path] = mount.split(' ');
    const [type, , options = ''] = source.split(' ');
    if (root === undefined || path === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    const version = type === 'cgroup2' ? 2 : 1;
    return [
      { version, controllers: version === 2 ? [] : options.split(','), root: unescaped(root), path: unescaped(path) },
    ];
  });
}

/** mountinfo writes blanks and backslashes of paths in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/**
 * @param procCgroup the text of `/proc/PID/cgroup`
 *
 * @param controller of version 1, or 2 for the tree of version 2
 */
export function groupIn(procCgroup: string, controller: string | 2): string | null {
  for (const line of procCgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) continue;
    if (controller === 2 ? controllers === '' : controllers.split(',').includes(controller)) return path;
  }
  return null;
}

/** The directory of a group, below its tree's mount. */
function directoryOf(mount: GroupMount, group: string, root: string): string {
  const base = join(root, mount.path);
  const isBelow = mount.root === '/' || group === mount.root || group.startsWith(`${mount.root}/`);
  const below = group.slice(mount.root === '/' ? 1 : mount.root.length + 1);
  const path = isBelow && below !== '' ? join(base, below) : base;
  // In a container the name may refer to the host's tree: the root of the mount is then our own group.
  return existsSync(path) ? path : base;
}

/** The groups of a process in the mounted trees. */
export class ProcessTrees {
  readonly #root: string;
  readonly #mounts: readonly GroupMount[];
  readonly #procCgroup: string;

  /** @param root of the file system: another one in tests */
  constructor(pid: number | 'self', root = '/') {
    this.#root = root;
    this.#mounts = parseGroupMounts(textOf(join(root, 'proc/self/mountinfo')));
    this.#procCgroup = textOf(join(root, `proc/${pid}/cgroup`));
  }

  /** The group of the process in the version 1 tree of this controller, or null. */
  version1(controller: string): Group | null {
    const mount = this.#mounts.find(({ version, controllers }) => version === 1 && controllers.includes(controller));
    return this.#group(mount, groupIn(this.#procCgroup, controller));
  }

  version2(): Group | null {
    return this.#group(
      this.#mounts.find(({ version }) => version === 2),
      groupIn(this.#procCgroup, 2),
    );
  }

  #group(mount: GroupMount | undefined, group: string | null): Group | null {
    if (mount === undefined || group === null) return null;
    return { version: mount.version, path: directoryOf(mount, group, this.#root), top: join(this.#root, mount.path) };
  }
}

/** @returns the content of a file; empty if it cannot be read */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
