/**
 * The package copied to a host: our own code and the packages that it imports, as one file that Node alone can
 * unpack. It begins with a JSON line that lists the files, followed by their contents; all of it is gzipped.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { filesBelow, placedPackages } from './dependencies.ts';

/** The folder that holds core/, servers/ and bench/: the checkout, or `dist` of the package. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDERS = ['core', 'servers', 'bench'];
/** Files that Node does not read. */
const UNREAD = /\.(?:d\.[mc]?ts|map|md|markdown|test\.[jt]s)$|(?:^|\/)(?:LICENSE|LICENCE|CHANGELOG)/i;
const OWN = /(?<!\.test|\.d)\.(?:ts|js|json)$/;

export interface Bundle {
  readonly bytes: Buffer;
  /** SHA-256 of `bytes`, in hex. */
  readonly hash: string;
  /** The module to run, below the folder into which it is unpacked. */
  readonly entry: string;
  /** Whether it contains code for one platform only. */
  readonly native: boolean;
}

interface Listed {
  readonly path: string;
  readonly from: string;
}

function listed(root: string): Listed[] {
  const own = FOLDERS.flatMap((folder) =>
    filesBelow(join(root, folder), (path) => OWN.test(path)).map((path) => `${folder}/${path}`),
  ).map((path) => ({ path, from: join(root, path) }));
  const packages = placedPackages(root).flatMap(({ from, to }) =>
    filesBelow(from, (path) => !UNREAD.test(path)).map((path) => ({ path: join(to, path), from: join(from, path) })),
  );
  return [{ path: 'package.json', from: join(root, 'package.json') }, ...own, ...packages];
}

/** The same files give the same hash. @throws TollgateError if a package is not installed */
export function makeBundle(root = ROOT): Bundle {
  const files = listed(root).map(({ path, from }) => ({ path, content: readFileSync(from) }));
  const index = files.map(({ path, content }) => [path, content.length]);
  const bytes = gzipSync(
    Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...files.map(({ content }) => content)]),
    { level: 6 },
  );
  return {
    bytes,
    hash: createHash('sha256').update(bytes).digest('hex'),
    entry: fileURLToPath(new URL('../agent/main.ts', import.meta.url)).slice(ROOT.length),
    native: files.some(({ path }) => path.endsWith('.node')),
  };
}
