/** Requests for counting: one at a time, with the shortest credential of a fleet. */
import type { Fleet } from '../../bench/fleet/fleet.ts';
import type { Credential } from '../../bench/load/clients/credential.ts';
import { type Address, Connection } from '../../bench/load/connection/connection.ts';
import type { Renewable } from '../../bench/load/connection/renewable.ts';
import { renewableRequest } from '../../bench/load/connection/request.ts';
import { headerValues } from '../../bench/load/connection/response.ts';
import { runError } from '../../core/errors.ts';
import { ROUTES } from '../../servers/contract.ts';
import { lengthsOf, type RequestLengths } from './lengths.ts';

const ADDRESS = { host: '127.0.0.1', port: 10_000 };

/** Sends `GET /me` with one credential, one request at a time. */
export class Requester {
  /** Bytes of a request with each login's credential. */
  readonly lengths: RequestLengths;
  readonly #connection: Connection;
  readonly #bytes: Renewable;
  readonly #expected: string;
  readonly responseBytes: number[] = [];
  readonly setCookies: number[] = [];

  constructor(connection: Connection, bytes: Renewable, expected: string, lengths: RequestLengths) {
    this.#connection = connection;
    this.#bytes = bytes;
    this.#expected = expected;
    this.lengths = lengths;
  }

  close(): void {
    this.#connection.close();
  }

  /** @throws TollgateError at an answer that breaks the contract */
  async ask(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const response = await this.#connection.request(this.#bytes.next());
      if (response.status !== 200 || response.body.toString() !== this.#expected) {
        throw runError(
          `GET /me answered ${response.status} while requests were counted`,
          'check that the server keeps the contract: npm run gate',
        );
      }
      this.responseBytes.push(response.bytes);
      this.setCookies.push(headerValues(response.head, 'set-cookie').length);
    }
  }
}

/** @throws ConnectionError */
export async function openRequester({ replicas, credentials }: Fleet): Promise<Requester> {
  const ask = ({ headers }: Credential, address: Address) => renewableRequest(address, { ...ROUTES.me, headers });
  // With the same address, whatever the server's port.
  const length = (credential: Credential) => ask(credential, ADDRESS).length;
  const [credential] = credentials.toSorted((a, b) => length(a) - length(b));
  const [replica] = replicas;
  if (!replica || !credential) throw new Error('a fleet has a replica and a credential');
  const connection = await Connection.open(replica.address);
  const lengths = lengthsOf(credentials.map((one) => ask(one, ADDRESS).next().toString('latin1')));
  return new Requester(connection, ask(credential, replica.address), credential.meBody, lengths);
}
