/** Preloaded into a command: writes its resource usage to file descriptor 3 at its exit. */
import { writeSync } from 'node:fs';
import { ownPeakRssBytes } from '../../bench/processes/peak-memory.ts';

process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssBytes: ownPeakRssBytes() }));
});
