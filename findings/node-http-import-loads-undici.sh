#!/usr/bin/env bash
# import … from 'node:http' in an ES module of Node.js.
#
# A server that has to start quickly, as in a fleet of replicas or in a function, imports node:http and nothing else. The import
# reads every export of that module, and a few of them are getters that load the bundled undici, the client behind fetch.
# That is some 40 ms of CPU time for a client that is never used. require('node:http') and
# process.getBuiltinModule('node:http') read no export and load nothing.
#
# Seen with Node.js 26.10.0: undici is loaded by the import, and by neither of the two others.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
# What the process has loaded is a list of names that Node.js keeps.
tell='console.log(process.moduleLoadList.some((name) => name.includes("undici/undici")))'
echo "import { createServer } from 'node:http'; createServer; $tell" >import.mjs
echo "const { createServer } = require('node:http'); createServer; $tell" >require.cjs
echo "const { createServer } = process.getBuiltinModule('node:http'); createServer; $tell" >builtin.mjs
found=$(for file in import.mjs require.cjs builtin.mjs; do ./node_modules/.bin/node "$file"; done | tr '\n' ' ')
echo "$(./node_modules/.bin/node --version) undici is loaded by import, require, getBuiltinModule: $found"
[ "$found" = 'true false false ' ]
