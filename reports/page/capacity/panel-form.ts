/** The questions of the what-if panel: their answers, and which of them can be given. Runs in the browser. */
import { CLIENTS, type Needs, OUTAGES, STORES } from '../../../core/advise/needs.ts';
import { part } from './dom.ts';
import { CHOICES, type PanelState, SLIDERS, sliderText, stepOf } from './fields.ts';

export interface PanelForm {
  read(): PanelState;
  write(state: PanelState): void;
  /** Disables a question that follows from other answers, with the reason, and shows the sliders' values. */
  enable(state: PanelState): void;
}

/** @param start the answers to the questions that the form does not ask */
export function formOf(start: Needs): PanelForm {
  return {
    read() {
      const changed: Record<string, unknown> = {};
      for (const { key, values } of SLIDERS) {
        const slider = part(key);
        if (slider !== null) changed[key] = values[Number(slider.value)];
      }
      for (const { key } of CHOICES) changed[key] = part(key)?.checked ?? start[key];
      changed.clients = CLIENTS.filter((client) => part(`client-${client}`)?.checked === true);
      changed.outage = OUTAGES.find((one) => one === part('outage')?.value) ?? start.outage;
      changed.store = STORES.find((one) => one === part('store')?.value) ?? start.store;
      const amount = (id: string) => Math.max(0, Number(part(id)?.value ?? '') || 0);
      const prices = {
        replica: amount('price-replica'),
        redisNode: amount('price-node'),
        gigabyte: amount('price-gigabyte'),
      };
      const isPriced = Object.values(prices).some((price) => price > 0);
      changed.prices = isPriced ? prices : null;
      changed.budget = isPriced && amount('budget') > 0 ? amount('budget') : null;
      const needs: Needs = { ...start, ...changed };
      // Critical operations never have longer than all requests: the shorter deadline applies to both.
      const { revokeWithinMs, criticalWithinMs } = needs;
      const isLonger = revokeWithinMs !== null && (criticalWithinMs === null || criticalWithinMs > revokeWithinMs);
      return {
        needs: isLonger ? { ...needs, criticalWithinMs: revokeWithinMs } : needs,
        replicas: Math.min(1e6, Math.floor(amount('replicas'))),
      };
    },

    write({ needs, replicas }) {
      for (const slider of SLIDERS) {
        const control = part(slider.key);
        if (control !== null) control.value = String(stepOf(slider, needs[slider.key]));
      }
      for (const { key } of CHOICES) {
        const control = part(key);
        if (control !== null) control.checked = needs[key];
      }
      for (const client of CLIENTS) {
        const control = part(`client-${client}`);
        if (control !== null) control.checked = needs.clients.includes(client);
      }
      const set = (id: string, value: string) => {
        const control = part(id);
        if (control !== null) control.value = value;
      };
      set('outage', needs.outage);
      set('store', needs.store);
      set('price-replica', String(needs.prices?.replica ?? ''));
      set('price-node', String(needs.prices?.redisNode ?? ''));
      set('price-gigabyte', String(needs.prices?.gigabyte ?? ''));
      set('budget', String(needs.budget ?? ''));
      set('replicas', replicas === 0 ? '' : String(replicas));
    },

    enable({ needs }) {
      for (const slider of SLIDERS) {
        const control = part(slider.key);
        const text = sliderText(slider, stepOf(slider, needs[slider.key]));
        control?.setAttribute('aria-valuetext', text);
        const output = part(`${slider.key}-value`);
        if (output !== null) output.textContent = text;
      }
      const off = (id: string, isOff: boolean, why: string) => {
        const control = part(id);
        if (control === null) return;
        control.disabled = isOff;
        control.title = isOff ? why : '';
      };
      const hasBrowser = needs.clients.includes('browser');
      off('keepFromScripts', !hasBrowser, 'Only pages in a browser have scripts.');
      off('crossOrigin', !hasBrowser, 'Only pages in a browser have an origin.');
      off('criticalWithinMs', needs.criticalShare === 0, 'No operation is critical.');
      off('budget', needs.prices === null, 'A budget needs prices.');
    },
  };
}
