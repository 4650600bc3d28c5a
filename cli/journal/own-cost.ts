/** Loaded into a command before it begins: says on file descriptor 3 what the process has taken when it ends. */
import { writeSync } from 'node:fs';
import { ownPeakRssBytes } from '../../bench/processes/peak-memory.ts';

process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssBytes: ownPeakRssBytes() }));
});
