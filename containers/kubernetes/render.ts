/** Renders a kustomization with the user's kubectl, so that `kubectl kustomize` shows exactly what is applied. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environmentError, usageError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';

const RENDER_MS = 30_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** @returns YAML @throws TollgateError */
export async function render(folder: string, signal: AbortSignal): Promise<string> {
  if (!existsSync(join(folder, 'kustomization.yaml'))) {
    throw usageError(
      `--overlay: ${folder} has no kustomization.yaml`,
      'use base, one-node, valkey, cluster or a folder',
    );
  }
  try {
    const options = { signal, timeout: RENDER_MS, maxBuffer: MOST_BYTES };
    const { stdout } = await promisify(execFile)('kubectl', ['kustomize', folder], options);
    return stdout;
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') throw environmentError('kubectl was not found', 'install it: npm run setup -- kubectl');
    const [last = 'it failed'] = (stderr ?? '').trim().split('\n').slice(-1);
    throw environmentError(`kubectl cannot render ${folder}: ${inertLine(last)}`, 'correct the files of the overlay');
  }
}
