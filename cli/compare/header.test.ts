import { expect, it } from 'vitest';
import { repeatable } from './header.ts';

it('repeats a comparison without the paths of its machine', () => {
  const outputs = [
    '--json',
    '--markdown',
    '/runner/temp/a.md',
    '--junit=/runner/temp/a.xml',
    '--flame',
    '/runner/temp/a.svg',
    '--rates=/runner/temp/rates.json',
  ];
  const asked = ['--base', 'main', '--arms', 'jwt-hs256'];
  expect(repeatable([...outputs, ...asked, '--seed', '7'])).toEqual(asked);
  expect(repeatable([...outputs, '--confirm-of', '/runner/temp/first.json'])).toEqual(['--confirm-of', 'first.json']);
  expect(repeatable(['--confirm-of=/runner/temp/first.json', '--unsafe'])).toEqual([
    '--confirm-of=first.json',
    '--unsafe',
  ]);
});
