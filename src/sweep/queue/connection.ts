import { isIP } from 'node:net';
import { Redis } from 'ioredis';
import { show } from '../../numbers/arguments';
import { QueueError } from './queueError';

/** How to reach a queue's Redis. */
export interface QueueAddress {
  /** The URL without user name and password: the only form in which it is shown. */
  readonly shown: string;
  /** Connection options of ioredis and BullMQ. */
  readonly options: RedisAddress;
}

interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string };
}

/** The environment variable that holds the URL, so that a password stays out of notebooks and of lists of processes. */
export const QUEUE_VARIABLE = 'SPARSELAB_QUEUE';

const CONNECT_MILLISECONDS = 5000;
const SILENT_MILLISECONDS = 30_000;
const RETRY_MILLISECONDS = 2000;

/**
 * Reads the URL of a queue: `redis://[user:password@]host[:port][/database]`, or `rediss://…` for TLS.
 *
 * @param url `true` for the URL in the environment variable `SPARSELAB_QUEUE`.
 * @throws QueueError that does not repeat what may be a password.
 */
export function queueAddress(url: string | true): QueueAddress {
  const text = url === true ? process.env[QUEUE_VARIABLE] : url;
  if (!text)
    throw new QueueError(
      `queue is to be read from the environment variable ${QUEUE_VARIABLE}, which is not set`,
    );
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    throw new QueueError('queue must be a URL such as redis://host:6379; got an invalid URL');
  }
  const { protocol, hostname, port, pathname, username, password } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new QueueError(`queue must be a redis:// or rediss:// URL; got ${show(`${protocol}//…`)}`);
  }
  const database = pathname.replace('/', '') || '0';
  if (hostname === '' || !/^\d+$/.test(database)) {
    throw new QueueError(
      'queue must be redis://host:port/number, the number of a database; got another form',
    );
  }
  // Brackets belong to the URL of an IPv6 address, not to the address.
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    shown: `${protocol}//${parsed.host}${database === '0' ? '' : `/${database}`}`,
    options: {
      host,
      port: port === '' ? 6379 : Number(port),
      db: Number(database),
      ...(username !== '' && { username: decoded(username) }),
      ...(password !== '' && { password: decoded(password) }),
      // A server with several names is asked for by name; an IP address is not a name.
      ...(protocol === 'rediss:' && { tls: isIP(host) ? {} : { servername: host } }),
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new QueueError(
      'queue must have a % in its user name or password written as %25; got one that is not',
    );
  }
}

/**
 * How sweeps and workers connect for as long as there is work: they try forever, and notice a silent network. Their longest
 * wait between two attempts is 2 seconds.
 */
export function lastingConnection({ options }: QueueAddress) {
  return {
    ...options,
    maxRetriesPerRequest: null,
    socketTimeout: SILENT_MILLISECONDS,
    retryStrategy: (times: number) => Math.min(200 * times, RETRY_MILLISECONDS),
  };
}

/** The result of a look at a queue. */
export interface QueueCondition {
  /** Notices for people, if there are any. */
  readonly warning: string | undefined;
}

/**
 * Looks whether a queue can be used, and whether its Redis keeps what it is given.
 *
 * @throws QueueError saying what Redis, or the network, answered.
 */
export async function inspectQueue(address: QueueAddress): Promise<QueueCondition> {
  const memory = await askRedis(address, (redis) => redis.info('memory'));
  const [, policy = 'noeviction'] = /^maxmemory_policy:(\S+)/m.exec(memory) ?? [];
  if (policy === 'noeviction') return { warning: undefined };
  return {
    warning:
      `the Redis of ${address.shown} may drop trials when its memory is full (maxmemory-policy ${policy}); ` +
      'dropped ones run again. What to do: redis-cli config set maxmemory-policy noeviction',
  };
}

/**
 * Connects, asks one question and leaves: a wrong address or password is told at once rather than tried forever.
 *
 * @throws QueueError saying what Redis, or the network, answered.
 */
export async function askRedis<T>(
  { shown, options }: QueueAddress,
  question: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    connectTimeout: CONNECT_MILLISECONDS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason = '';
  redis.on('error', (error: Error) => {
    reason ||= error.message;
  });
  try {
    await redis.connect();
    return await question(redis);
  } catch (error) {
    throw new QueueError(`queue ${shown} cannot be used: ${reason || (error as Error).message}`);
  } finally {
    redis.disconnect();
  }
}
