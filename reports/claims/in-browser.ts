/** Figures of the experiment `browser` used by several claims. */
import type { Factors, Figure } from '../../core/results/schema.ts';
import type { Evidence } from './evidence.ts';

/** Attacks from other pages that change something. */
export const CHANGES = ['form-post', 'fetch-form', 'fetch-json'] as const;

export function attacks(evidence: Evidence, factors: Factors, arm?: string): Figure[] {
  const found = evidence.all('browser', 'attack_succeeded', factors);
  return arm === undefined ? found : found.filter((figure) => figure.arm === arm);
}

/** Attacks from other pages on credentials that a browser sends automatically, with third-party cookies allowed. */
export function forgeries(evidence: Evidence, factors: Factors): Figure[] {
  return attacks(evidence, { storage: 'httponly-cookie', third_party_cookies: 'allowed', ...factors }).filter(
    ({ factors: { attack } }) => CHANGES.some((name) => name === attack),
  );
}

/** `form-post from cross-site, SameSite lax, CSRF token off`. */
export function attackText({ factors: { attack, origin, same_site, csrf } }: Figure): string {
  return `${attack} from ${origin}, SameSite ${same_site}, CSRF token ${csrf}`;
}
