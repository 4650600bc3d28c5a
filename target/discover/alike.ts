/** Whether two replies say the same. Pure. */
import type { Answer } from '../../bench/gate/http.ts';

/** Times and ids, which differ from reply to reply. */
const CHANGING = /[\da-f-]{8,}|\d+/gi;

/** A reply, and the path that it may repeat. */
export interface Replied {
  readonly path: string;
  readonly answer: Pick<Answer, 'status' | 'text'>;
}

export function alike(one: Replied, other: Replied): boolean {
  return one.answer.status === other.answer.status && lasting(one) === lasting(other);
}

const lasting = ({ path, answer }: Replied): string => answer.text.replaceAll(path, '').replaceAll(CHANGING, '');
