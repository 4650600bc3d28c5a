/** What the figures of `chain` call the line through the measured numbers of services, and how far it is drawn. */
export const CHAIN_MODEL = 'line';
/** The number of services up to which the line is drawn, and a break-even is looked for. */
export const MOST_SERVICES = 10;
