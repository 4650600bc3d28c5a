/** Checks 80–84 and 91: tokens bound to a key of their client, and the proofs of that key (DPoP, RFC 9449). */

import { setTimeout as sleep } from 'node:timers/promises';
import { type ArmInfo, PROOF_HEADER, ROUTES } from '../../../../servers/contract.ts';
import { authorityOf } from '../../../load/connection/authority.ts';
import { newProofKey, proofHeaderOf } from '../../../load/connection/proof.ts';
import { type ProofChanges, privateJwkOf, proofOf } from '../../attacks/proofs.ts';
import { hmacWith, type Json } from '../../attacks/tokens.ts';
import { allOf, type Check, fail, guards, pass, verdict } from '../../check.ts';
import { secretOf } from '../../client-session.ts';
import type { Answer, Call, Endpoint } from '../../http.ts';
import { onceServed } from '../../once-served.ts';
import type { GateTarget } from '../../target.ts';
import type { Which } from '../../which.ts';

const isBound = (arm: ArmInfo): true | string =>
  allOf(guards(arm), arm.senderConstrained === true || 'no token is bound to a key of its client');

const common = { family: 'token', quick: true, variant: 'standard', appliesTo: isBound } as const;

/** A client with a token bound to the key of its target. */
interface BoundClient {
  readonly key: string;
  readonly token: string;
  /** Returns a proof for `GET /me`, or for another request. */
  proof(changes?: ProofChanges, request?: Partial<Pick<Call, 'method' | 'path'>>, which?: Which, key?: string): string;
  /** Sends `GET /me` with the token unchanged, and this proof; null for none. */
  read(proof: string | null, which?: Which, scheme?: string): Promise<Answer>;
}

async function clientOf(target: GateTarget): Promise<BoundClient> {
  const { proofKey: key } = target;
  const token = secretOf(await target.login(0, target.freshUser()));
  if (key === null || token === null) throw new Error('the login gave no token that is bound to a key');
  return {
    key,
    token,
    proof: (changes = {}, request = {}, which = 0, by = key) =>
      proofOf(target.endpoint(which), { ...ROUTES.me, ...request }, { key: by, token, changes }),
    read(proof, which = 0, scheme = 'DPoP') {
      const authorization = ['authorization', `${scheme} ${token}`] as const;
      // An empty one: otherwise the target would add a valid one.
      return target.call(which, { ...ROUTES.me, headers: [authorization, [PROOF_HEADER, proof ?? '']] });
    },
  };
}

/** The fault of a request, as the start of a sentence, and how it is sent. */
type Attempt = readonly [what: string, send: () => Promise<Answer>];

/**
 * @returns a fault for each attempt that was not refused, and one if a valid request is refused, since a refusal then
 * proves nothing
 */
async function faultsOf(client: BoundClient, attempts: readonly Attempt[], refusal = 401): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, send] of attempts) {
    const { status } = await onceServed(send);
    if (status !== refusal) faults.push(`${what} got ${status}`);
  }
  for (const which of [0, 1] as const) {
    const { status } = await onceServed(() => client.read(client.proof({}, {}, which), which));
    if (status !== 200) faults.push(`the token with a right proof got ${status}`);
  }
  return faults;
}

/** `GET /me` without any proof header; `call` would add one. */
async function readAlone(target: GateTarget, token: string, scheme: string): Promise<Answer> {
  const host = authorityOf(target.endpoint(0));
  const head = `GET /me HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${scheme} ${token}\r\n\r\n`;
  const answer = await target.send(0, Buffer.from(head));
  if (answer === null) throw new Error('a token without a proof was not answered');
  return answer;
}

const HOUR_SECONDS = 3_600;

/** Each is valid except for one thing. */
function wrongRequests({ proof, read }: BoundClient, endpoint: Endpoint): readonly Attempt[] {
  const now = () => Math.floor(Date.now() / 1000);
  const claimed = (what: string, claims: () => Json): Attempt => [what, () => read(proof({ claims: claims() }))];
  return [
    ['a proof for another method', () => read(proof({}, { method: 'POST' }))],
    ['a proof for another path', () => read(proof({}, { path: ROUTES.admin.path }))],
    claimed('a proof for another host', () => ({ htu: `http://elsewhere.example:${endpoint.port}/me` })),
    claimed('a proof for another scheme', () => ({ htu: `https://${authorityOf(endpoint)}/me` })),
    claimed('a proof without a URL', () => ({ htu: undefined })),
    claimed('a proof without a method', () => ({ htm: undefined })),
    claimed('a proof for no token', () => ({ ath: undefined })),
    claimed('a proof for another token', () => ({ ath: 'A'.repeat(43) })),
    claimed('a proof from an hour ago', () => ({ iat: now() - HOUR_SECONDS })),
    claimed('a proof from an hour ahead', () => ({ iat: now() + HOUR_SECONDS })),
    claimed('a proof without a time', () => ({ iat: undefined })),
  ];
}

const SYMMETRIC_KEY = Buffer.alloc(32, 7);
const SYMMETRIC = {
  header: { alg: 'HS256', jwk: { kty: 'oct', k: SYMMETRIC_KEY.toString('base64url') } },
  sign: hmacWith(SYMMETRIC_KEY),
} satisfies ProofChanges;

/** Proofs that the owner of the key might send, in a form that must be refused. */
function wrongForms({ key, proof, read }: BoundClient): readonly Attempt[] {
  const changed = (what: string, changes: ProofChanges): Attempt => [what, () => read(proof(changes))];
  return [
    changed('a proof of another type', { header: { typ: 'JWT' } }),
    changed('a proof of the type of access tokens', { header: { typ: 'at+jwt' } }),
    changed('a proof without a type', { header: { typ: undefined } }),
    changed('a proof that contains the private key', { header: { jwk: privateJwkOf(key) } }),
    changed('a proof without a key', { header: { jwk: undefined } }),
    changed('a proof with a symmetric key', SYMMETRIC),
    changed('a proof without a signature', { header: { alg: 'none' }, sign: () => '' }),
    changed('a proof with an unknown extension', { header: { crit: ['x-gate'], 'x-gate': 1 } }),
    changed('a proof without an id', { claims: { jti: undefined } }),
    ['two proofs in one header', () => read(`${proof()}, ${proof()}`)],
  ];
}

/** What is left of the life of a proof when it is sent again. */
const LEFT_MS = 1_000;
const ATTEMPTS = 3;

export const BOUND_TOKENS: readonly Check[] = [
  {
    ...common,
    id: 80,
    name: 'a stolen token is worth nothing without the key that it is bound to',
    refs: ['RFC 9449 §7.1', 'RFC 9449 §7.2', 'ASVS 10.3.5'],
    async run(target) {
      const client = await clientOf(target);
      const { token, proof, read } = client;
      const thief = newProofKey();
      const by = (key: string, changes: ProofChanges = {}) => proof(changes, {}, 0, key);
      const attempts: readonly Attempt[] = [
        ['the token alone', () => readAlone(target, token, 'DPoP')],
        ['the token alone as a bearer token', () => readAlone(target, token, 'Bearer')],
        ['the token with an empty proof', () => read(null)],
        ['the token as a bearer token with a proof', () => read(proof(), 0, 'Bearer')],
        ['the token with the proof of another key', () => read(by(thief))],
        // The name of the right key, with the signature of another.
        ['the token with a forged proof', () => read(by(thief, { header: proofHeaderOf(client.key) }))],
      ];
      return verdict(await faultsOf(client, attempts), `${attempts.length} ways to use a token without its key failed`);
    },
  },
  {
    ...common,
    id: 81,
    name: 'a proof is accepted once across all replicas',
    refs: ['RFC 9449 §11.1'],
    async run(target) {
      const client = await clientOf(target);
      const faults: string[] = [];
      const { proof: used, answer: first } = await sentOnceServed(client.proof, client.read);
      if (first.status !== 200) faults.push(`a right proof got ${first.status}`);
      // A proof names one host and port, and an attacker chooses the Host header, so it is presented elsewhere with
      // the original one.
      const headers = [
        ['host', authorityOf(target.endpoint(0))],
        ['authorization', `DPoP ${client.token}`],
        [PROOF_HEADER, used],
      ] as const;
      for (const which of [0, 1] as const) {
        const replay = await onceServed(() => rawRead(target, which, headers));
        if (replay.status !== 401) faults.push(`a used proof got ${replay.status} from replica ${which + 1}`);
      }
      const { statuses } = await onceServed(async () => {
        const together = client.proof();
        const answers = await Promise.all([0, 1, 2, 3].map(() => client.read(together)));
        const seen = answers.map(({ status }) => status);
        return { status: seen.find((status) => status === 503) ?? 200, statuses: seen };
      });
      const accepted = statuses.filter((status) => status === 200).length;
      if (accepted !== 1) faults.push(`of four requests at once with one proof ${accepted} were accepted`);
      return verdict(faults, 'used proofs were refused by both replicas, and of four at once one counted');
    },
  },
  {
    ...common,
    id: 82,
    name: 'a proof is valid for one request, one token and a short time',
    refs: ['RFC 9449 §4.3', 'RFC 9449 §11.1'],
    async run(target) {
      const client = await clientOf(target);
      const attempts = wrongRequests(client, target.endpoint(0));
      return verdict(await faultsOf(client, attempts), `${attempts.length} proofs for something else were refused`);
    },
  },
  {
    ...common,
    id: 83,
    name: 'a proof must have the exact form of RFC 9449',
    refs: ['RFC 9449 §4.2', 'RFC 9449 §4.3', 'RFC 8725 §3.11'],
    async run(target) {
      const client = await clientOf(target);
      const attempts = wrongForms(client);
      return verdict(await faultsOf(client, attempts), `${attempts.length} proofs of another form were refused`);
    },
  },
  {
    ...common,
    id: 84,
    name: 'a login without a valid proof yields no token',
    refs: ['RFC 9449 §5', 'ASVS 10.4.14'],
    async run(target) {
      const client = await clientOf(target);
      const { username, password } = target.freshUser();
      const logIn = (proof: string): Promise<Answer> =>
        target.call(0, { ...ROUTES.login, headers: { [PROOF_HEADER]: proof }, json: { username, password } });
      const loginProof = (changes: ProofChanges = {}, path: string = ROUTES.login.path) =>
        proofOf(target.endpoint(0), { ...ROUTES.login, path }, { key: client.key, token: null, changes });
      const {
        proof: used,
        answer: { status },
      } = await sentOnceServed(loginProof, logIn);
      const attempts: readonly Attempt[] = [
        ['a login with an empty proof', () => logIn('')],
        ['a login with a proof for another path', () => logIn(loginProof({}, ROUTES.me.path))],
        ['a login with a used proof', () => logIn(used)],
        ['a login with a proof by a symmetric key', () => logIn(loginProof(SYMMETRIC))],
        [
          'a login with a proof without a signature',
          () => logIn(loginProof({ header: { alg: 'none' }, sign: () => '' })),
        ],
      ];
      const faults = await faultsOf(client, attempts, 400);
      if (status !== 200) faults.push(`a login with a right proof returned ${status}`);
      return verdict(faults, `${attempts.length} logins without a valid proof yielded no token`);
    },
  },
  {
    ...common,
    id: 91,
    name: 'a used proof is remembered for as long as it is fresh',
    refs: ['RFC 9449 §11.1'],
    quick: false,
    variant: 'brief',
    timeoutMs: 60_000,
    async run(target) {
      const { proofKey: key, settings } = target;
      if (key === null) throw new Error('the clients have no key');
      const { username, password } = target.freshUser();
      const logIn = (proof: string): Promise<Answer> =>
        target.call(0, { ...ROUTES.login, headers: { [PROOF_HEADER]: proof }, json: { username, password } });
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const iat = Math.floor(Date.now() / 1000);
        const made = () =>
          proofOf(target.endpoint(0), ROUTES.login, { key, token: null, changes: { claims: { iat } } });
        const { proof: used, answer: first } = await sentOnceServed(made, logIn);
        if (first.status !== 200) return fail(`a login with a right proof returned ${first.status}`);
        await sleep(Math.max(0, (iat + (settings.proofMaxAgeSeconds ?? 0)) * 1000 - LEFT_MS - Date.now()));
        const { status } = await onceServed(() => logIn(used));
        if (status === 200) return fail('a used proof was accepted again shortly before it was too old');
        // As old as the other: if it is refused too, both were too old.
        if ((await onceServed(() => logIn(made()))).status !== 200) continue;
        return status === 400 ? pass('a used proof was refused while one as old counted') : fail(`it got ${status}`);
      }
      return fail('the machine stalled until both proofs were too old: try again when it is quiet');
    },
  },
];

/** Sends a new proof each time, since a used one may be refused. @returns the last one, and its answer */
async function sentOnceServed<A extends Pick<Answer, 'status'>>(
  make: () => string,
  send: (proof: string) => Promise<A>,
) {
  let proof = '';
  const answer = await onceServed(() => {
    proof = make();
    return send(proof);
  });
  return { proof, answer };
}

async function rawRead(
  target: GateTarget,
  which: Which,
  headers: readonly (readonly [name: string, value: string])[],
): Promise<Answer> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const answer = await target.send(which, Buffer.from(`GET /me HTTP/1.1\r\n${lines}\r\n`));
  if (answer === null) throw new Error('a used proof was not answered');
  return answer;
}
