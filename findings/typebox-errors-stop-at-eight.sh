#!/usr/bin/env bash
# Compile(schema).Errors(value) of typebox.
#
# A tool that checks a configuration and shows all faults at once gets at most eight of them, and nothing says that there are
# more. After the user has corrected these, others appear. A global setting, maxErrors in typebox/system, raises the
# limit; neither Compile nor Errors takes one.
#
# Seen with typebox 1.4.3: of twenty wrong properties eight are listed, and twenty after Settings.Set({ maxErrors: 100 }).
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact typebox@1.4.3 >/dev/null 2>&1
cat >look.mjs <<'JS'
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';

const names = Array.from({ length: 20 }, (_, i) => `option${i}`);
const schema = Type.Object(Object.fromEntries(names.map((name) => [name, Type.Integer()])));
const wrong = Object.fromEntries(names.map((name) => [name, 'a text']));
const places = () => new Set(Compile(schema).Errors(wrong).map(({ instancePath }) => instancePath)).size;
const found = { byDefault: places() };
Settings.Set({ maxErrors: 100 });
found.withMaxErrors = places();
console.log('typebox 1.4.3, faults listed of 20:', JSON.stringify(found));
process.exit(found.byDefault === 8 && found.withMaxErrors === 20 ? 0 : 1);
JS
node look.mjs
