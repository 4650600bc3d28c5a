/** Takes a V8 CPU profile of this process. The inspector is opened in the process itself: no port listens. */
import type { Session } from 'node:inspector/promises';

export interface Profiler {
  /** @param intervalMicros between samples. @throws where a profile is being taken already */
  start(intervalMicros: number): Promise<void>;
  /** @returns the profile, as the inspector gives it. @throws where none is being taken */
  stop(): Promise<unknown>;
}

export function createProfiler(): Profiler {
  let session: Session | null = null;
  return {
    async start(intervalMicros) {
      if (session !== null) throw new Error('A profile is being taken already: stop that one first.');
      // Loaded here, so that a replica which is never profiled does not hold it.
      const inspector = await import('node:inspector/promises');
      session = new inspector.Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: intervalMicros });
      await session.post('Profiler.start');
    },
    async stop() {
      if (session === null) throw new Error('No profile is being taken: start one first.');
      const taking = session;
      session = null;
      const { profile } = await taking.post('Profiler.stop');
      // Whatever the profiler holds on to is let go, so that the process runs on as it did before.
      taking.disconnect();
      return profile;
    },
  };
}
