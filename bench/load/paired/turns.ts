/** Turns in random, balanced order, which make a comparison paired. */
import type { Random } from '../../../core/stats/random.ts';
import { clientPolls, readUsableCores } from '../../processes/usable-cores.ts';
import type { Processes } from '../protocol.ts';
import type { Tally } from '../replies.ts';
import { settle } from '../settling.ts';
import { Counts, ProcessReader, readProcesses, SelfMeter, tally } from '../tally.ts';
import { Account, type ReadAccounts } from './account.ts';
import { lostBetween, withLost } from './lost.ts';
import { turnOrder } from './order.ts';

/** One target of a paired load. */
export interface Participant {
  readonly key: string;
  readonly processes: Processes;
  /**
   * Reopens connections that the server closed since the last turn, or would close within this one, outside any turn;
   * null if there is nothing to open, or the server accepts no connections.
   */
  readonly reopen?: (requests: number) => (() => Promise<void>) | null;
  /** Prepares the requests of one turn, if that takes time that must not count. */
  readonly prepare?: (requests: number) => void;
  /** Sends the requests of one turn, and counts the responses in `counts`. */
  readonly turn: (counts: Counts, requests: number) => Promise<void>;
}

const POLLS = clientPolls(readUsableCores());

/**
 * Polls for responses until the returned function is called. A server that answers a sleeping client has to wake it
 * up, at a CPU cost that differs between arms; deployed servers do not pay it, since their clients are on other
 * machines. The figures are in docs/method.md, "Laboratory notes".
 */
function stayAwake(): () => void {
  let awake = POLLS;
  const look = () => {
    if (awake) setImmediate(look);
  };
  look();
  return () => {
    awake = false;
  };
}

/** A server without any response for this long counts as silent; a whole turn may take longer. */
const SILENT_MS = 60_000;

/** Waits for the end of a turn. @throws Error if no response arrives for a whole period */
async function whileAnswered(silentMs: number, key: string, counts: Counts, turn: Promise<void>): Promise<void> {
  const silence = Promise.withResolvers<never>();
  const answers = () => counts.requests + counts.failed;
  let before = answers();
  let timer = setTimeout(look, silentMs);
  function look(): void {
    if (answers() === before) silence.reject(new Error(`${key} did not respond for ${silentMs / 1000} s`));
    before = answers();
    timer = setTimeout(look, silentMs);
  }
  try {
    await Promise.race([turn, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export interface TurnOptions {
  readonly rounds: number;
  /** Requests of a turn, the shortest first. Default: all turns are equal. */
  readonly lengths?: readonly number[];
  /** Whether tallies list their turns. */
  readonly eachTurn?: boolean;
  /** False skips CPU times, which take at least 12 ms to settle after the last turn; default true. */
  readonly accounts?: boolean;
  /** Reads accounts; default: from the system. */
  readonly read?: ReadAccounts;
  /** How long a participant may go without a response in its turn; default a minute. */
  readonly silentMs?: number;
}

/** Used instead of a reading if CPU times are skipped. */
const unread: ReadAccounts = ({ replicas }) => ({
  atMs: performance.now(),
  replicaNs: replicas.map(() => null),
  redisNs: null,
});

/**
 * @returns one tally for each participant, in order, over exactly the same rounds @throws Error naming the
 * participant that does not respond
 */
export async function takeTurns(
  participants: readonly Participant[],
  options: TurnOptions,
  random: Random,
): Promise<Tally[]> {
  const { rounds, lengths = [0], eachTurn = false, accounts = true, silentMs = SILENT_MS } = options;
  const runs = participants.map((participant) => {
    const counts = new Counts();
    const { processes } = participant;
    const reader = options.read === undefined && accounts ? new ProcessReader(processes) : null;
    const read = accounts ? (options.read ?? (() => reader?.read() ?? readProcesses(processes))) : unread;
    return { participant, counts, reader, account: new Account(processes, counts, read) };
  });
  const rest = stayAwake();
  try {
    const self = new SelfMeter();
    for (const turn of turnOrder({ participants: runs.length, lengths: lengths.length, rounds }, random)) {
      const run = runs[turn.participant];
      if (run === undefined) continue;
      const requests = lengths[turn.length] ?? 0;
      const reopen = run.participant.reopen?.(requests) ?? null;
      if (reopen !== null) await run.account.outside(reopen);
      run.participant.prepare?.(requests);
      run.account.begin(turn.length, turn.counts);
      await whileAnswered(silentMs, run.participant.key, run.counts, run.participant.turn(run.counts, requests));
    }
    const own = self.read();
    rest();
    if (accounts) await settle(runs.map(({ account }) => account.settling));
    else for (const { account } of runs) account.settling.probe();
    return runs.map(({ participant, counts, account }) => {
      const { before, after } = account.close();
      const lost = lostBetween(before, after, counts.requests);
      return {
        ...tally(participant.key, counts, before, after, own),
        ...(lengths.length > 1 ? { lengths: withLost(account.byLength(lengths), lost) } : {}),
        ...(eachTurn ? { turns: account.turns() } : {}),
      };
    });
  } finally {
    rest();
    for (const { reader } of runs) reader?.close();
  }
}
