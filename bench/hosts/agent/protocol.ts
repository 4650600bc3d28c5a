/** What the agent of a host can be asked for. Its messages are lines of JSON on its standard input and output. */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';
import { AddressSchema } from '../../load/connection/address-schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });
const ms = Type.Number();
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
/** The coordinator's number for a process that it starts on a host. */
const number = Type.Integer({ minimum: 0 });
const signal = Type.Union([Type.Literal('SIGKILL'), Type.Literal('SIGTERM')]);
const port = Type.Integer({ minimum: 1, maximum: 65_535 });

/** The programs that an agent starts. */
export const Program = Type.Union([
  Type.Literal('replica'),
  Type.Literal('balancer'),
  Type.Literal('load'),
  Type.Literal('open'),
  Type.Literal('hiccup'),
]);
export type Program = Static<typeof Program>;

export const HostFacts = Type.Object(
  {
    cpuModel: Type.String(),
    /** Cores that processes may use there. */
    cores: Type.Integer({ minimum: 1 }),
    memoryBytes: Type.Number({ minimum: 0 }),
    kernel: Type.String(),
    node: Type.String(),
    /** `Redis 7.0.15`; null where none is installed. */
    redis: orNull(Type.String()),
    /** Where CPU time is read from, or why it is read from threads. */
    accounts: Type.String(),
  },
  closed,
);
export type HostFacts = Static<typeof HostFacts>;

/** Both clocks of a host at one moment. */
export const Clocks = Type.Object(
  {
    /** Milliseconds since 1970. */
    wallMs: ms,
    /** On the clock of `monotonicMs`. */
    monotonicMs: ms,
  },
  closed,
);

/** What a process of ours says, and how it ends. */
export const ProcessNote = Type.Union([
  Type.Object({ pid: Type.Integer({ minimum: 1 }) }, closed),
  Type.Object({ message: Type.Unknown() }, closed),
  Type.Object({ stderr: Type.String() }, closed),
]);
export type ProcessNote = Static<typeof ProcessNote>;

export const ProcessEnd = Type.Object({ code: orNull(Type.Integer()), signal: orNull(Type.String()) }, closed);

/** A CPU account, as `CpuReading` has it; null where it cannot be read. */
const reading = orNull(Type.Object({ ns: Type.Number(), ticksNs: orNull(Type.Number()) }, closed));
export type HostReading = Static<typeof reading>;

const pids = Type.Array(Type.Integer({ minimum: 1 }));

export const AGENT = {
  facts: operation({ request: Nothing, reply: HostFacts }),
  /** The coordinator is there. */
  beat: operation({ request: Nothing, reply: Nothing }),
  clocks: operation({ request: Nothing, reply: Clocks }),
  /** Listens at an address, at any free port if none is named, so that others can try to reach it. @returns the port */
  listen: operation({ request: Type.Object({ host: Type.String(), port: Type.Optional(port) }, closed), reply: port }),
  unlisten: operation({ request: Nothing, reply: Nothing }),
  /** Tries to connect. @returns why it could not; null where it could */
  reach: operation({
    request: Type.Object({ host: Type.String(), port, withinMs: ms }, closed),
    reply: orNull(Type.String()),
    lastsMs: ({ withinMs }) => withinMs,
  }),
  /** Starts a process. It answers when that has ended. */
  run: operation({
    request: Type.Object({ process: number, program: Program, nodeFlags: Type.Array(Type.String()) }, closed),
    note: ProcessNote,
    reply: ProcessEnd,
  }),
  /** Sends a message to a process: at a moment on the clock of `monotonicMs`, or at once. */
  send: operation({
    request: Type.Object({ process: number, message: Type.Unknown(), atMs: Type.Optional(ms) }, closed),
    reply: Nothing,
  }),
  kill: operation({ request: Type.Object({ process: number, signal }, closed), reply: Nothing }),
  /** Waits until these processes have come to rest, and reads their CPU accounts, in their order. */
  cpu: operation({ request: Type.Object({ pids }, closed), reply: Type.Array(reading) }),
  /** Reads CPU accounts at two moments on the clock of `monotonicMs`. */
  cpuBetween: operation({
    request: Type.Object({ pids, fromMs: ms, toMs: ms, lastsMs: ms }, closed),
    reply: Type.Object({ before: Type.Array(reading), after: Type.Array(reading), wallNs: Type.Number() }, closed),
    lastsMs: ({ lastsMs }) => lastsMs,
  }),
  /** The CPU time of the machine, and the part of it that a hypervisor gave to others; null where that is not told. */
  ticks: operation({
    request: Nothing,
    reply: orNull(Type.Object({ steal: Type.Number(), total: Type.Number() }, closed)),
  }),
  startRedis: operation({
    request: Type.Object({ redis: number, host: Type.String() }, closed),
    reply: Type.Object({ url: Type.String(), pid: Type.Integer(), version: Type.String() }, closed),
  }),
  /** Commands for clients, and CPU time in ns, since it started. */
  redisUsage: operation({
    request: Type.Object({ redis: number }, closed),
    reply: Type.Object({ commands: count, cpuNs: Type.Number() }, closed),
  }),
  stopRedis: operation({ request: Type.Object({ redis: number }, closed), reply: Nothing }),
  /** Logs a user in at a replica. */
  login: operation({
    request: Type.Object(
      {
        address: AddressSchema,
        username: Type.String(),
        password: Type.String(),
        baseline: Type.Boolean(),
        senderConstrained: Type.Boolean(),
      },
      closed,
    ),
    reply: Type.Object(
      {
        username: Type.String(),
        headers: Type.Record(Type.String(), Type.String()),
        stateChangeHeaders: Type.Record(Type.String(), Type.String()),
        meBody: Type.String(),
      },
      closed,
    ),
  }),
};

/** The agent has the host to itself, or reports in one line which run has it. */
export const AgentReady = Type.Union([
  Type.Object({ ready: Type.Literal(true) }, closed),
  Type.Object({ busy: Type.String() }, closed),
]);
export type AgentReady = Static<typeof AgentReady>;
