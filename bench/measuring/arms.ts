/** The default arms of experiments: predicates over what arms declare. */
import type { ArmInfo, ArmTag, ArmVariant } from '../../servers/contract.ts';
import type { Profile } from './experiment.ts';

export type ArmPredicate = (arm: ArmInfo) => boolean;

const hasTag = (tag: ArmTag): ArmPredicate => {
  return ({ tags = [] }) => tags.includes(tag);
};

/** The arm that stands for its family: the plain session, the plain token. */
export const isReference = hasTag('reference');

/** The arm's scheme in its plain form, or in one of these forms. */
export function isPlainOr({ variant }: ArmInfo, ...variants: readonly ArmVariant[]): boolean {
  return variant === undefined || variants.includes(variant);
}

/** The hand-tuned form of a scheme that asks Redis: the plugin may be what costs, and not the store. */
export const isHandTunedInRedis: ArmPredicate = ({ variant, usesRedis }) => variant === 'hand-tuned' && usesRedis;

/** Whether requests ask Redis: each of them, those that a cache does not answer, or the critical ones of a combination. */
export const asksRedis: ArmPredicate = ({ usesRedis, redisCommandsPerRequest, family }) =>
  usesRedis && (redisCommandsPerRequest > 0 || family === 'combination');

/** Whether every single request asks Redis. */
export const alwaysAsksRedis: ArmPredicate = ({ redisCommandsPerRequest, redisCommandsAreAtMost }) =>
  redisCommandsPerRequest > 0 && redisCommandsAreAtMost !== true;

/** Each way to ask Redis on requests, and the references, one of which never does. */
export const showsTheStore: ArmPredicate = (arm) =>
  !arm.baseline && isPlainOr(arm, 'cached', 'tracked') && (isReference(arm) || asksRedis(arm));

/** Whether requests are refused while Redis is unavailable, though a request may ask it nothing. */
export const needsRedisAlive: ArmPredicate = (arm) =>
  isPlainOr(arm, 'cached', 'tracked') && arm.usesRedis && !arm.survivesRedisOutage;

/** Whether an arm needs processes other than its replicas and Redis, which take time to start. */
export const needsCompanions: ArmPredicate = ({ companions }) => companions !== undefined;

export function armsWhere(predicate: ArmPredicate): (all: readonly ArmInfo[]) => readonly string[] {
  return (all) => all.filter(predicate).map(({ name }) => name);
}

const isRepresentative = hasTag('representative');

/** One of each kind: enough to decide the debate's main question within two minutes. */
export const representativeArms = armsWhere((arm) => arm.baseline || isRepresentative(arm));

/** Arms for experiments that start many replicas of each arm. */
export const fewArms = armsWhere((arm) => arm.baseline || isReference(arm));

/** Whether it is for the full profile alone, unless it is named. */
export const isInDepth = hasTag('in-depth');

/** @returns in the full profile the arms of a predicate, and in quick those of them that are not for the full profile alone */
export function armsInDepth(predicate: ArmPredicate): (all: readonly ArmInfo[], profile: Profile) => readonly string[] {
  return armsByProfile({ quick: armsWhere((arm) => predicate(arm) && !isInDepth(arm)), full: armsWhere(predicate) });
}

export const allArms = armsWhere(() => true);

/** @returns a choice of arms for each profile */
export function armsByProfile(
  choices: Readonly<Record<Profile, (all: readonly ArmInfo[]) => readonly string[]>>,
): (all: readonly ArmInfo[], profile: Profile) => readonly string[] {
  return (all, profile) => choices[profile](all);
}
