#!/usr/bin/env bash
# ssh-config 5.3.0 and OpenSSH: which user and port a host has.
#
# Keywords of ssh_config have no case, and the first value found wins. `compute` returns an object with each keyword as the
# file spells it, so `user` under a host and `User` under `Host *` are two properties, and a program that reads `.User` gets
# the fallback, where ssh takes the host's own. Nothing is missing or undefined, which would be noticed: the program connects
# as another user, to another port, and measures or administers with what answers there. If only lower case is used,
# `.HostName` is undefined and the name is used as an address. `compute(host, { ignoreCase: true })` merges the spellings,
# under names in lower case.
#
# Seen: ssh -G says ada and 2222, `.User` and `.Port` are "fallback" and 22. Exits with 1 if that changes, 2 if ssh is not
# available.
set -euo pipefail
command -v ssh >/dev/null || { echo 'this needs ssh on the PATH'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ssh-config@5.3.0
cat >config <<'TEXT'
Host bench-1
  hostname 192.0.2.1
  user ada
  port 2222

Host *
  User fallback
  Port 22
TEXT
ssh -G -F config bench-1 >ssh.txt 2>/dev/null
cat >probe.mjs <<'JS'
import { readFileSync } from 'node:fs';
import SSHConfig from 'ssh-config';

const config = SSHConfig.parse(readFileSync('config', 'utf8'));
const byDefault = config.compute('bench-1');
const merged = config.compute('bench-1', { ignoreCase: true });
const ssh = Object.fromEntries(readFileSync('ssh.txt', 'utf8').trim().split('\n').map((line) => line.split(' ', 2)));
console.log('ssh-config 5.3.0, a host with keywords in lower case before `Host *` with capitals');
console.log(`  ssh -G: ${ssh.user}@${ssh.hostname}:${ssh.port}`);
console.log(`  compute(): ${byDefault.User}@${byDefault.HostName}:${byDefault.Port}`);
console.log(`  compute() with ignoreCase: ${merged.user}@${merged.hostname}:${merged.port}`);
const same = merged.user === ssh.user && merged.hostname === ssh.hostname && merged.port === ssh.port;
const holds = same && ssh.user === 'ada' && ssh.port === '2222' && byDefault.User === 'fallback' && byDefault.Port === '22' && byDefault.HostName === undefined;
console.log(holds ? 'holds: what ssh uses is under another spelling' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
