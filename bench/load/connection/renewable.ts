/**
 * The bytes of a request that is sent repeatedly. If they contain a proof, which a server accepts only once, each
 * sending gets a new one. Proofs can be signed in advance, so that signing takes no time from the measurement.
 */
import { PROOF_HEADER } from '../../../servers/contract.ts';
import { type ProofClaims, signProof } from './proof.ts';

export interface Renewable {
  /** Length of each sending, which is always the same. */
  readonly length: number;
  /** The bytes of the next sending, which the caller may keep. */
  next(): Buffer;
  /** Prepares this many, if preparation is needed. */
  stock(count: number): void;
}

/** Servers accept proofs for a minute; one older than this is signed again. */
const FRESH_MS = 20_000;

class Constant implements Renewable {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  next(): Buffer {
    return this.#bytes;
  }

  stock(): void {}
}

interface Made {
  readonly bytes: Buffer;
  readonly atMs: number;
}

const MARK = Buffer.from(`\r\n${PROOF_HEADER}: `);
const HEAD_END = '\r\n\r\n';

class Proven implements Renewable {
  readonly #bytes: Buffer;
  readonly #key: string;
  readonly #at: number;
  readonly #end: number;
  readonly #claims: ProofClaims;
  #stock: Made[] = [];

  /** @throws Error if the bytes contain no proof */
  constructor(bytes: Buffer, key: string) {
    const found = bytes.indexOf(MARK);
    const headEnd = bytes.indexOf(HEAD_END);
    if (found < 0 || found >= headEnd) throw new Error('the request contains no proof to renew');
    this.#bytes = bytes;
    this.#key = key;
    this.#at = found + MARK.length;
    this.#end = bytes.indexOf('\r\n', this.#at);
    const [, payload = ''] = bytes.toString('latin1', this.#at, this.#end).split('.');
    this.#claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  }

  get length(): number {
    return this.#bytes.length;
  }

  next(): Buffer {
    const oldest = performance.now() - FRESH_MS;
    for (let made = this.#stock.shift(); made !== undefined; made = this.#stock.shift()) {
      if (made.atMs >= oldest) return made.bytes;
    }
    return this.#make();
  }

  stock(count: number): void {
    const nowMs = performance.now();
    this.#stock = this.#stock.filter(({ atMs }) => atMs >= nowMs - FRESH_MS);
    while (this.#stock.length < count) this.#stock.push({ bytes: this.#make(), atMs: nowMs });
  }

  /** A copy, because the previous bytes may still be on their way to the socket. */
  #make(): Buffer {
    const bytes = Buffer.from(this.#bytes);
    const proof = signProof(this.#key, this.#claims);
    if (proof.length !== this.#end - this.#at) throw new Error('a proof has a different length than the previous one');
    bytes.write(proof, this.#at, 'latin1');
    return bytes;
  }
}

/** @param proofKey that signed the proof in the bytes; undefined if they contain none and are unchanged */
export function renewable(bytes: Buffer, proofKey: string | undefined): Renewable {
  return proofKey === undefined ? new Constant(bytes) : new Proven(bytes, proofKey);
}
