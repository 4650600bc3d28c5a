#!/usr/bin/env bash
# The types of @fastify/session and @fastify/secure-session in the same program.
#
# Both declare `session` of FastifyRequest, with types that have nothing in common. With skipLibCheck, which most projects set,
# TypeScript does not report the conflict: the declaration that it reads first wins in every file. So a file that imports one
# plugin alone compiles or fails depending on which file comes first in the program, and sorting the imports of a third file
# breaks it.
# A `/// <reference types="…" />` where the other plugin is imported settles the order.
#
# Seen with fastify 5.12.8, @fastify/session 11.1.3, @fastify/secure-session 8.4.0 and TypeScript 7.0.2: the same two files, in one
# order no fault, in the other "Property 'destroy' does not exist". Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact fastify@5.12.8 @fastify/cookie@11.1.5 @fastify/session@11.1.3 \
  @fastify/secure-session@8.4.0 typescript@7.0.2 @types/node@26.6.6 >/dev/null 2>&1
cat >stored.ts <<'TS'
import type { FastifyRequest } from 'fastify';
import plugin from '@fastify/session';

export { plugin };
export const end = (request: FastifyRequest) => request.session.destroy();
TS
cat >sealed.ts <<'TS'
import plugin from '@fastify/secure-session';

export { plugin };
TS
compile() {
  npx tsc --noEmit --strict --skipLibCheck --esModuleInterop --module nodenext --moduleResolution nodenext --types node "$@" 2>&1 || true
}
first=$(compile stored.ts sealed.ts)
last=$(compile sealed.ts stored.ts)
echo "stored.ts before sealed.ts: ${first:-no fault}"
echo "sealed.ts before stored.ts: ${last:-no fault}"
[[ -z $first && $last == *"Property 'destroy' does not exist"* ]]
