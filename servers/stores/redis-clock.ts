/**
 * The clock of the shared stores. Replicas run on different machines, whose clocks differ. A credential that one replica
 * revoked must not live on because another's clock was ahead, so times that replicas compare come from Redis.
 */

/**
 * The start of a Lua script, whose last argument must be `RedisStore.clock()`: `now` is Redis' own time, in ms since the
 * epoch, unless that argument says another.
 */
export const NOW = `
local now = tonumber(ARGV[#ARGV])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** How far a replica's clock may differ from Redis' where a time of the replica is stored. */
export const CLOCK_MARGIN_MS = 60_000;
