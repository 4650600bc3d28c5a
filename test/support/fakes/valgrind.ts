/**
 * A fake valgrind and vgdb for the PATH. The first runs the given program, and refuses flags that valgrind and callgrind
 * do not have, as they do; the second answers a dump with a file in callgrind's format, with the count that each build
 * states in a file.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a build states the number of instructions of a count, next to its `servers/process/`. */
export const COUNT_FILE = 'servers/instructions';

const VALGRIND = `#!/bin/sh
for entry in "$@"; do :; done
while [ "\${1#--}" != "$1" ]; do
  case $1 in
    --callgrind-out-file=*) out=\${1#*=} ;;
    --vgdb-prefix=*) prefix=\${1#*=} ;;
    --tool=callgrind | --quiet | --instr-atstart=no) ;;
    *)
      echo "valgrind: Unknown option: $1" >&2
      exit 1
      ;;
  esac
  shift
done
echo "$out" > "$prefix-$$"
echo "$(dirname "$(dirname "$entry")")/instructions" >> "$prefix-$$"
exec "$@"
`;

const VGDB = `#!/bin/sh
for word in "$@"; do
  case $word in
    --pid=*) pid=\${word#*=} ;;
    --vgdb-prefix=*) prefix=\${word#*=} ;;
    *) last=$word; command="$command $word" ;;
  esac
done
echo "$command" >> "$prefix-$pid.asked"
[ "$last" = dump ] || exit 0
{ read -r out; read -r count; } < "$prefix-$pid"
number=$(grep -c dump "$prefix-$pid.asked")
printf 'version: 1\\nevents: Ir\\nsummary: %s\\n' "$(cat "$count")" > "$out.$number"
`;

/** @returns the folder to put first on the path */
export function fakeValgrind(directory: string): string {
  const bin = join(directory, 'fake-bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of [
    ['valgrind', VALGRIND],
    ['vgdb', VGDB],
  ] as const) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}
