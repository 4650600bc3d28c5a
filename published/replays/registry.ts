/** All replays. */
import type { ReplayName } from '../benchmark.ts';
import { bytes } from './bytes.ts';
import { loops } from './loops.ts';
import type { Replay } from './replay.ts';
import { verify } from './verify.ts';

export const REPLAYS: Readonly<Record<ReplayName, Replay>> = { verify, loops, bytes };
