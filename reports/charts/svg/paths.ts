/** Shortens path data by relative coordinates, with the same positions. */

/** Positions are integers in tenths of a pixel, so that no error accumulates. */
type Tenths = number;

interface Move {
  /** `m`, or a line to a point: `h`, `v` or `l`; `z` returns to the start. */
  readonly kind: 'm' | 'h' | 'v' | 'l' | 'z';
  readonly dx: Tenths;
  readonly dy: Tenths;
}

const TOKEN = /([a-zA-Z])|(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)/g;
/** The number of arguments of a command; other commands are left unchanged. */
const TAKES: Readonly<Record<string, number>> = { m: 2, l: 2, h: 1, v: 1, z: 0 };

interface Command {
  readonly letter: string;
  readonly numbers: readonly number[];
}

/** @returns null for a path with curves, or one that cannot be parsed */
function commandsOf(data: string): Command[] | null {
  const found: { letter: string; numbers: number[] }[] = [];
  for (const [, letter, number] of data.matchAll(TOKEN)) {
    if (letter !== undefined) found.push({ letter, numbers: [] });
    else found.at(-1)?.numbers.push(Number(number));
  }
  const commands: Command[] = [];
  for (const { letter, numbers } of found) {
    const takes = TAKES[letter.toLowerCase()];
    if (takes === undefined || (takes === 0 ? numbers.length > 0 : numbers.length === 0)) return null;
    if (takes === 0) commands.push({ letter, numbers });
    if (takes > 0 && numbers.length % takes !== 0) return null;
    for (let i = 0; i < numbers.length; i += takes) {
      // A second point after a move is a line to it.
      const repeated = letter === 'M' ? 'L' : letter === 'm' ? 'l' : letter;
      commands.push({ letter: i === 0 ? letter : repeated, numbers: numbers.slice(i, i + takes) });
    }
  }
  return commands[0]?.letter.toLowerCase() === 'm' ? commands : null;
}

const tenths = (px: number): Tenths => Math.round(px * 10);

function movesOf(commands: readonly Command[]): Move[] {
  // The exact position, and the rounded one that the path is drawn to.
  let [x, y] = [0, 0];
  let [atX, atY]: [Tenths, Tenths] = [0, 0];
  let start = { x, y, atX, atY };
  return commands.map(({ letter, numbers: [first = 0, second = 0] }): Move => {
    const isRelative = letter === letter.toLowerCase();
    const command = letter.toLowerCase();
    if (command === 'z') {
      ({ x, y, atX, atY } = start);
      return { kind: 'z', dx: 0, dy: 0 };
    }
    const given = { x: command === 'v' ? null : first, y: command === 'v' ? first : command === 'h' ? null : second };
    if (given.x !== null) x = given.x + (isRelative ? x : 0);
    if (given.y !== null) y = given.y + (isRelative ? y : 0);
    const [dx, dy] = [tenths(x) - atX, tenths(y) - atY];
    [atX, atY] = [atX + dx, atY + dy];
    if (command === 'm') start = { x, y, atX, atY };
    return { kind: command === 'm' ? 'm' : dy === 0 ? 'h' : dx === 0 ? 'v' : 'l', dx, dy };
  });
}

/** Merges collinear lines, and drops lines of length zero unless they draw a dot. */
function joined(moves: readonly Move[]): Move[] {
  const kept: Move[] = [];
  for (const move of moves) {
    const last = kept.at(-1);
    const isLine = move.kind !== 'm' && move.kind !== 'z';
    if (isLine && move.dx === 0 && move.dy === 0 && last !== undefined && last.kind !== 'm' && last.kind !== 'z')
      continue;
    const goesOn =
      last !== undefined &&
      last.kind === move.kind &&
      (move.kind === 'h' || move.kind === 'v') &&
      (last.dx + last.dy) * (move.dx + move.dy) >= 0;
    if (goesOn) kept[kept.length - 1] = { ...move, dx: last.dx + move.dx, dy: last.dy + move.dy };
    else kept.push(move);
  }
  return kept;
}

const written = (amount: Tenths) => `${amount / 10}`.replace(/^(-?)0\./, '$1.');
/** A minus sign separates two numbers by itself. */
const pair = (x: Tenths, y: Tenths) => `${written(x)}${y < 0 ? '' : ','}${written(y)}`;

function text({ kind, dx, dy }: Move, isFirst: boolean): string {
  if (kind === 'z') return 'z';
  if (kind === 'h') return `h${written(dx)}`;
  if (kind === 'v') return `v${written(dy)}`;
  return `${isFirst ? 'M' : kind}${pair(dx, dy)}`;
}

/** @returns data that draw the same to a tenth of a pixel; unchanged if they contain curves */
export function shortPath(data: string): string {
  const commands = commandsOf(data);
  if (commands === null) return data;
  return joined(movesOf(commands))
    .map((move, index, all) => {
      const made = text(move, index === 0);
      // Consecutive commands of one kind need their letter once.
      const before = all[index - 1];
      if (before?.kind !== move.kind || move.kind === 'm' || move.kind === 'z') return made;
      const rest = made.slice(1);
      return rest.startsWith('-') ? rest : ` ${rest}`;
    })
    .join('');
}
