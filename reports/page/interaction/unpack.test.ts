import { expect, test } from 'vitest';
import { packedText } from '../packed.ts';
import { unpacked } from './unpack.ts';

test('JSON is unpacked intact, with any characters', async () => {
  const value = { text: '</template> <b> & “quoted” µs 🎯', list: [1.25, null, true], nested: { a: [] } };
  expect(await unpacked(packedText(value))).toEqual(value);
  expect(packedText(value)).toMatch(/^[A-Za-z0-9+/=]+$/);
});

test('damaged data are refused', async () => {
  const packed = packedText({ text: 'one arm, two arms, three arms' });
  await expect(unpacked(packed.slice(0, 20))).rejects.toThrow();
});
