import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { transportOf } from './pipe.ts';

it('ends each message with a zero byte, and joins messages that arrive in pieces', () => {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = transportOf(commands, replies);
  const got: object[] = [];
  transport.onmessage = (message) => got.push(message);
  transport.send({ id: 1, text: 'ü' });
  expect(commands.read().toString()).toBe('{"id":1,"text":"ü"}\0');

  const bytes = Buffer.from('{"id":1,"text":"ü"}\0{"id":2}\0{"id":3}\0');
  // Including in the middle of a two-byte character.
  for (const byte of bytes) replies.write(Buffer.of(byte));
  return new Promise<void>((resolve) => {
    transport.onclose = () => {
      expect(got).toEqual([{ id: 1, text: 'ü' }, { id: 2 }, { id: 3 }]);
      resolve();
    };
    replies.end();
  });
});

it('delivers simultaneous messages in separate turns, so that a response can be handled before the next event', async () => {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = transportOf(commands, replies);
  const answered = new Promise<object>((resolve) => {
    transport.onmessage = resolve;
  });
  replies.write('{"id":1}\0{"method":"event"}\0');
  await answered;
  const next = await new Promise<object>((resolve) => {
    transport.onmessage = resolve;
  });
  expect(next).toEqual({ method: 'event' });
});

it('survives the end of the browser', async () => {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = transportOf(commands, replies);
  const closed = new Promise<string | undefined>((resolve) => {
    transport.onclose = resolve;
  });
  commands.destroy(new Error('EPIPE'));
  replies.destroy();
  expect(await closed).toContain('closed its pipe');
  transport.send({ id: 1 });
});
