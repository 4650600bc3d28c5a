/** Takes a V8 CPU profile of this process. The inspector session is in-process, so no port is opened. */
import type { Session } from 'node:inspector/promises';

export interface Profiler {
  /** @param intervalMicros between samples. @throws Error if the profiler is already running */
  start(intervalMicros: number): Promise<void>;
  /** @returns the CPU profile, as the inspector returns it. @throws Error if the profiler is not running */
  stop(): Promise<unknown>;
}

export function createProfiler(): Profiler {
  let session: Session | null = null;
  return {
    async start(intervalMicros) {
      if (session !== null) throw new Error('The profiler is already running: stop it first.');
      // Loaded here, so that a replica without the profiler does not load the inspector.
      const inspector = await import('node:inspector/promises');
      session = new inspector.Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: intervalMicros });
      await session.post('Profiler.start');
    },
    async stop() {
      if (session === null) throw new Error('The profiler is not running: start it first.');
      const taking = session;
      session = null;
      const { profile } = await taking.post('Profiler.stop');
      // Releases everything the profiler holds, so that the process continues as before.
      taking.disconnect();
      return profile;
    },
  };
}
