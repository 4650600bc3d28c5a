/** The default arms of experiments: predicates over the arms' declarations. */
import type { ArmInfo, ArmTag, ArmVariant } from '../../servers/contract.ts';
import type { Profile } from './experiment.ts';

export type ArmPredicate = (arm: ArmInfo) => boolean;

const hasTag = (tag: ArmTag): ArmPredicate => {
  return ({ tags = [] }) => tags.includes(tag);
};

/** The arm that represents its family: the plain session, the plain token. */
export const isReference = hasTag('reference');

/** The arm's scheme in its plain form, or in one of these forms. */
export function isPlainOr({ variant }: ArmInfo, ...variants: readonly ArmVariant[]): boolean {
  return variant === undefined || variants.includes(variant);
}

/** The hand-tuned form of a scheme that asks Redis, which shows whether the cost is the plugin's or the store's. */
export const isHandTunedInRedis: ArmPredicate = ({ variant, usesRedis }) => variant === 'hand-tuned' && usesRedis;

/** Whether requests ask Redis: all of them, cache misses, or the critical ones of a combination. */
export const asksRedis: ArmPredicate = ({ usesRedis, redisCommandsPerRequest, family }) =>
  usesRedis && (redisCommandsPerRequest > 0 || family === 'combination');

/** Whether every single request asks Redis. */
export const alwaysAsksRedis: ArmPredicate = ({ redisCommandsPerRequest, redisCommandsAreAtMost }) =>
  redisCommandsPerRequest > 0 && redisCommandsAreAtMost !== true;

/** Every way of asking Redis on requests, and the references, one of which never does. */
export const showsTheStore: ArmPredicate = (arm) =>
  !arm.baseline && isPlainOr(arm, 'cached', 'tracked') && (isReference(arm) || asksRedis(arm));

/** Whether requests are refused while Redis is unavailable, even if a request may not ask it. */
export const needsRedisAlive: ArmPredicate = (arm) =>
  isPlainOr(arm, 'cached', 'tracked') && arm.usesRedis && !arm.survivesRedisOutage;

/** Whether an arm needs processes other than its replicas and Redis, which take time to start. */
export const needsCompanions: ArmPredicate = ({ companions }) => companions !== undefined;

export function armsWhere(predicate: ArmPredicate): (all: readonly ArmInfo[]) => readonly string[] {
  return (all) => all.filter(predicate).map(({ name }) => name);
}

const isRepresentative = hasTag('representative');

/** One of each kind: enough to answer the main question within two minutes. */
export const representativeArms = armsWhere((arm) => arm.baseline || isRepresentative(arm));

/** Arms for experiments that start many replicas of each arm. */
export const fewArms = armsWhere((arm) => arm.baseline || isReference(arm));

/** Whether it is only in the full profile, unless it is named. */
export const isInDepth = hasTag('in-depth');

/** @returns the arms of a predicate in the full profile; in quick, without those only in the full profile */
export function armsInDepth(predicate: ArmPredicate): (all: readonly ArmInfo[], profile: Profile) => readonly string[] {
  return armsByProfile({ quick: armsWhere((arm) => predicate(arm) && !isInDepth(arm)), full: armsWhere(predicate) });
}

export const allArms = armsWhere(() => true);

/** @returns default arms for each profile */
export function armsByProfile(
  choices: Readonly<Record<Profile, (all: readonly ArmInfo[]) => readonly string[]>>,
): (all: readonly ArmInfo[], profile: Profile) => readonly string[] {
  return (all, profile) => choices[profile](all);
}
