/**
 * Runs in the browser, with its types stripped, after the files that it takes functions from: moves the capacity table
 * with the sliders. Everything that it shows goes in as text, never as markup.
 */
import type { ArmDemands, Workload } from '../../../core/model/capacity.ts';
import { capacityOf } from '../../../core/model/capacity.ts';
import { amountText, capacityCells } from './text.ts';

/** The few parts of the browser's own interface that are used here. */
interface Element {
  textContent: string | null;
  hidden: boolean;
  readonly value: string;
  readonly dataset: Readonly<Record<string, string>>;
  readonly cells: ArrayLike<Element>;
  addEventListener(type: 'input', listener: () => void): void;
}
declare const document: {
  getElementById(id: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
};

/** A slider's steps are hundredths of a power of ten; two digits are enough. */
export function amountOf(step: number): number {
  return Number((10 ** (step / 100)).toPrecision(2));
}

function start(): void {
  const controls = document.getElementById('capacity-controls');
  if (controls === null) return;
  const read = (name: string) => Number(document.getElementById(`capacity-${name}`)?.value);
  const tell = (name: string, text: string) => {
    const output = document.getElementById(`capacity-${name}-value`);
    if (output !== null) output.textContent = text;
  };
  const show = () => {
    const workload: Workload = {
      requestsPerSecond: amountOf(read('rps')),
      liveSessions: amountOf(read('sessions')),
      utilisation: read('utilisation') / 100,
      redisNodeBytes: Number(controls.dataset.nodeBytes),
    };
    tell('rps', `${amountText(workload.requestsPerSecond)} req/s`);
    tell('sessions', amountText(workload.liveSessions));
    tell('utilisation', `${read('utilisation')} %`);
    for (const row of document.querySelectorAll('#capacity-table [data-demands]')) {
      const demands: ArmDemands = JSON.parse(row.dataset.demands ?? '');
      for (const [index, text] of capacityCells(capacityOf(workload, demands)).entries()) {
        const cell = row.cells[index + 1];
        if (cell !== undefined) cell.textContent = text;
      }
    }
  };
  for (const name of ['rps', 'sessions', 'utilisation']) {
    document.getElementById(`capacity-${name}`)?.addEventListener('input', show);
  }
  // Without scripts the sliders would move nothing, so they are shown by the script itself.
  controls.hidden = false;
  show();
}

start();
