#!/usr/bin/env bash
# pure-rand 8.4.2: the first number of a generator, for seeds that are close to one another.
#
# xoroshiro128plus, which its README begins with, and xorshift128plus put the seed into their state unchanged, and their first
# output is the seed with its bits inverted. So every seed from 1 to 1,000, such as the number of a run, a shard or a test, gives
# a first float above 0.9999, and seeds taken from the clock give one that moves by less than 0.001 in a minute. First integers
# fall by one from seed to seed: dice go 1, 6, 5, 4, 3, 2. A program that draws once from each generator, to choose who goes first
# or whether to sample, does not choose at random. mersenne and congruential32 do not have this problem.
#
# Seen: the first floats of 1,000 seeds between 0.99998 and 1, of three times a second apart 0.2059.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent pure-rand@8.4.2
cat >probe.mjs <<'JS'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { congruential32 } from 'pure-rand/generator/congruential32';
import { mersenne } from 'pure-rand/generator/mersenne';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus';

const seeds = Array.from({ length: 1000 }, (_, i) => i + 1);
/** The first float of each seed: the least and the greatest. */
function range(generator) {
  const floats = seeds.map((seed) => uniformFloat64(generator(seed)));
  return [Math.min(...floats), Math.max(...floats)];
}
const seen = Object.entries({ xoroshiro128plus, xorshift128plus, mersenne, congruential32 }).map(([name, generator]) => ({
  name,
  first: range(generator),
  times: [0, 1, 2].map((second) => uniformFloat64(generator(Date.parse('2026-11-29T12:00:00Z') + 1000 * second))),
  dice: seeds.slice(0, 12).map((seed) => uniformInt(generator(seed), 1, 6)),
}));
console.log('pure-rand 8.4.2, seeds 1 to 1,000');
for (const { name, first, times, dice } of seen) {
  console.log(`  ${name}: first float ${first.map((float) => float.toFixed(5)).join(' to ')}, of three seconds ${times.map((float) => float.toFixed(4)).join(', ')}`);
  console.log(`    first dice of seeds 1 to 12: ${dice.join(' ')}`);
}
const falls = ({ dice }) => dice.every((n, i) => i === 0 || n === (dice[i - 1] === 1 ? 6 : dice[i - 1] - 1));
const stays = ({ times }) => Math.max(...times) - Math.min(...times) < 0.001;
const [one, two, ...others] = seen;
const holds = [one, two].every((generator) => generator.first[0] > 0.9999 && stays(generator) && falls(generator)) && others.every((generator) => generator.first[0] < 0.1 && !stays(generator) && !falls(generator));
console.log(holds ? 'holds: the first float of small seeds is nearly one' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
