/** The versions of Node that the package runs on. Old ones read this file too, so it is written for them. Pure. */

/**
 * The first version with everything that is used: zstd, stripping types from the report's scripts, and what undici
 * needs.
 */
const LEAST = [22, 19] as const;

/** @param version as in `process.versions.node` @returns the fault in two lines; null if there is none */
export function nodeFault(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null;
  return `tollgate: Node ${version} is too old\n  install Node ${LEAST.join('.')} or later`;
}
