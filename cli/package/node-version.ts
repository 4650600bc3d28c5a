/** The versions of Node that the package runs on. Old ones read this file too, so it is written for them. Pure. */

/** The first with all that is used: zstd, types stripped from the scripts of the report, and what undici needs. */
const LEAST = [22, 19] as const;

/** @param version as `process.versions.node` has it @returns what is wrong with it in two lines; null where nothing is */
export function nodeFault(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null;
  return `tollgate: Node ${version} is too old\n  install Node ${LEAST.join('.')} or later`;
}
