/**
 * The first program on a host, sent as text to its Node, which may be old. It reports the host's software, receives
 * the package if it is missing, and becomes the agent. It uses nothing newer than Node 12.
 */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';

/** The first line from a host. */
export const Hello = Type.Object(
  {
    hello: Type.Literal('tollgate'),
    /** The version of Node without the `v`. */
    node: Type.String(),
    platform: Type.String(),
    arch: Type.String(),
    /** The version of glibc; null for another C library. */
    glibc: Type.Union([Type.String(), Type.Null()]),
    /** Whether the package is there already. */
    cached: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type Hello = Static<typeof Hello>;

/** The second line, from a host that received the package: empty if it was unpacked, otherwise the reason. */
export const Unpacked = Type.Object({ unpacked: Type.String() }, { additionalProperties: false });

/** Arguments: the hash, the number of bytes, and the module to run. */
function boot(load: NodeJS.Require, host: NodeJS.Process, run: (url: string) => Promise<unknown>): void {
  const fs = load('fs') as typeof import('node:fs');
  const path = load('path') as typeof import('node:path');
  const [hash = '', size = '', entry = ''] = host.argv.slice(-3);
  const say = (line: object) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
  const base = host.env.XDG_CACHE_HOME || path.join(load('os').homedir() as string, '.cache');
  const cache = path.join(base, 'tollgate');
  const folder = path.join(cache, `agent-${hash}`);
  const become = () => {
    const url = load('url').pathToFileURL(path.join(folder, entry)).href as string;
    run(url).catch((error: unknown) => {
      host.stderr.write(`${String(error)}\n`);
      host.exit(1);
    });
  };
  const unpack = (bytes: Buffer) => {
    const sum = load('crypto').createHash('sha256').update(bytes).digest('hex') as string;
    if (sum !== hash) throw new Error('the package was damaged in transit');
    const whole = load('zlib').gunzipSync(bytes) as Buffer;
    let at = whole.indexOf(10) + 1;
    const files = JSON.parse(whole.toString('utf8', 0, at)) as [string, number][];
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 });
    const partial = fs.mkdtempSync(path.join(cache, 'partial-'));
    try {
      for (const [name, length] of files) {
        const target = path.join(partial, name);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, whole.subarray(at, at + length));
        at += length;
      }
      fs.renameSync(partial, folder);
    } catch (error) {
      // Another run may have put it there meanwhile; on a full disk nothing is left behind.
      (fs.rmSync || fs.rmdirSync)(partial, { recursive: true });
      if (!fs.existsSync(folder)) throw error;
    }
  };
  const cached = fs.existsSync(path.join(folder, 'package.json'));
  // A diagnostic report would look up the name of every connection.
  if (host.report) Object.assign(host.report, { excludeNetwork: true });
  const report = host.report ? (host.report.getReport() as { header?: { glibcVersionRuntime?: string } }) : {};
  const { glibcVersionRuntime: glibc = null } = report.header || {};
  const { platform, arch, versions } = host;
  say({ hello: 'tollgate', node: versions.node, platform, arch, glibc, cached });
  if (cached) {
    become();
    return;
  }
  const chunks: Buffer[] = [];
  let received = 0;
  const giveUp = () => host.exit(1);
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received < Number(size)) return;
    host.stdin.removeListener('data', take);
    host.stdin.removeListener('end', giveUp);
    host.stdin.pause();
    let fault = '';
    try {
      unpack(Buffer.concat(chunks));
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
    }
    say({ unpacked: fault });
    if (fault === '') become();
    else host.exit(1);
  };
  host.stdin.on('data', take);
  host.stdin.on('end', giveUp);
}

/** The program for `node -e`. */
export const BOOT = `(${boot.toString()})(require, process, (url) => import(url))`;
