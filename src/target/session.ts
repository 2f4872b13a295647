/** One connection to a Postgres server, which may break at any moment. */

import type { Socket } from 'node:net';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { EXIT } from '../errors.ts';
import type { Address } from './address.ts';
import { isConnectionError, lost, TargetInterrupted, translate, unreachable } from './failures.ts';
import type { TargetRow } from './target.ts';

const CONNECT_MS = 15_000;

/** Tenths of a second that a dismissed transaction has for its end, at each try. */
const DISMISS_ROUNDS = 50;

/** Silence after which somebody looks whether the server is still at work. */
const silenceMs = () => Number(process.env.DOR_STALL_SECONDS || 60) * 1000;

/** The transaction that a session is in, as the server's list of activity shows it. */
interface Running {
  pid: number;
  started: string;
}

export class Session {
  /** Why the connection is of no use any more. */
  broken: Error | null = null;
  private running: Running | null = null;
  /** COPY rows are being fed: then silence without a backlog is ours, not the network's. */
  private feeding = false;
  private constructor(
    private readonly client: pg.Client,
    private readonly address: Address,
  ) {
    client.on('error', (error) => {
      this.broken ??= error;
    });
    client.on('end', () => {
      this.broken ??= new Error('the connection was closed');
    });
  }

  /** @throws DorError (3) without the credentials. */
  static async open(address: Address): Promise<Session> {
    const { host, port, user, password, database, ssl } = address;
    const client = new pg.Client({
      ...{ host, port, user, password, database, ssl },
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'dor',
    });
    const session = new Session(client, address);
    try {
      await client.connect();
    } catch (error) {
      session.destroy(error as Error);
      throw await unreachable(address, error as Error);
    }
    return session;
  }

  /** True when the server process is not the one that answered the login: a pooler is in between. */
  async isPooled(): Promise<boolean> {
    const [row] = await this.query('select pg_backend_pid() as pid');
    return row?.pid !== (this.client as unknown as { processID: number }).processID;
  }

  async query(sql: string, values?: unknown[]): Promise<TargetRow[]> {
    return this.guarded(async () => {
      const result = await this.client.query<TargetRow>(sql, values);
      // Several statements give several results.
      return Array.isArray(result) ? [] : result.rows;
    });
  }

  /**
   * Opens a transaction that no setting of the role or the pooler can cut short, for its own duration only: statements
   * may take their time, locks may not, and the server gives up when this process is gone.
   */
  async begin(): Promise<void> {
    await this.query('begin');
    const [row] = await this.query(PROLOGUE);
    this.running = { pid: Number(row!.pid), started: String(row!.started) };
  }

  /** A COMMIT that the server refuses has rolled back, and the connection is as good as before. */
  async end(how: 'commit' | 'rollback'): Promise<void> {
    if (how === 'rollback' && this.broken) return;
    try {
      await this.query(how);
      this.running = null;
    } catch (error) {
      if (how === 'commit') throw error;
      // A rollback that fails leaves a connection that nobody may use again.
      this.destroy(error as Error);
    }
  }

  /** Rows as CSV into a relation. Chunks are whole lines. A refusal of the server ends it at any point. */
  async copyIn(relation: string, chunks: AsyncIterable<Buffer>): Promise<void> {
    await this.guarded(async () => {
      const sink = this.client.query(from(`copy ${relation} from stdin (format csv)`));
      let gone = () => {};
      const ended = new Promise<void>((resolve, reject) => {
        gone = () => reject(this.broken ?? new Error('the connection was closed'));
        sink.once('finish', resolve);
        // Every error has a listener: a connection that breaks while the stream is destroyed makes a second one.
        sink.on('error', reject);
        this.client.once('end', gone);
      });
      // Not `pipeline`: after a refusal it would wait for a stream that never closes (node-pg-copy-streams #115).
      const feed = async () => {
        this.feeding = true;
        for await (const chunk of chunks) await Promise.race([write(sink, chunk), ended]);
        this.feeding = false;
        sink.end();
        await ended;
      };
      ended.catch(() => {});
      try {
        await feed();
      } catch (error) {
        // The source failed, not the server: the server is told, and answers before the next statement.
        if (!this.broken && !isServerError(error)) {
          sink.destroy(new Error('the source of the rows failed'));
          await ended.catch(() => {});
        }
        throw error;
      } finally {
        this.feeding = false;
        this.client.off('end', gone);
      }
    });
  }

  async *copyOut(select: string): AsyncGenerator<Buffer> {
    const source = this.client.query(to(`copy (${select}) to stdout (format csv)`));
    const stop = () => source.destroy(this.broken ?? new Error('the connection was closed'));
    this.client.once('end', stop);
    const watch = this.watch();
    let ended = false;
    try {
      yield* source as AsyncIterable<Buffer>;
      ended = true;
    } catch (error) {
      ended = isServerError(error);
      throw this.explained(error as Error);
    } finally {
      clearInterval(watch);
      this.client.off('end', stop);
      // Whoever stops reading halfway, such as on a full disk, would wait for rows that nobody takes.
      if (!ended) this.destroy(new Error('the rows were not read to their end'));
    }
  }

  async close(): Promise<void> {
    if (!this.broken) {
      // A goodbye that nobody answers must not keep the process.
      const gone = this.client.end().catch(() => {});
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    }
    this.destroy(new Error('the session was closed'));
  }

  /** However a session ends, its socket goes with it: one that is left open keeps the process for ever. */
  private destroy(why: Error): void {
    this.broken ??= why;
    this.socket.destroy();
  }

  /**
   * Ends the transaction that another session of ours left behind when its connection broke and the server has not
   * noticed: it would hold its locks. Named by process and start, so that a pooler's reuse hits nobody else.
   * @throws TargetInterrupted while it is still there, such as a process that is frozen: its locks are ours, and whoever
   * went on would take them for another publisher's.
   */
  async dismiss(other: Session): Promise<void> {
    if (!other.running) return;
    const { pid, started } = other.running;
    const values = [pid, started];
    await this.query(`select pg_terminate_backend(pid) ${OF_RUNNING}`, values);
    for (let round = 0; round < DISMISS_ROUNDS; round++) {
      if ((await this.query(`select pid ${OF_RUNNING}`, values)).length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new TargetInterrupted(
      `${this.address.label}: this run's own former transaction (process ${pid} of the server) has not ended yet and holds its locks`,
      'wait a minute and run the command again; if it stays, end that process on the server',
      EXIT.busy,
    );
  }

  private get socket(): Socket {
    return (this.client as unknown as { connection: { stream: Socket } }).connection.stream;
  }

  /** Errors of the server pass, said in our words; a lost connection is said to be one. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.broken) throw lost(this.address.label, this.broken);
    const watch = this.watch();
    try {
      return await work();
    } catch (error) {
      throw this.explained(error as Error);
    } finally {
      clearInterval(watch);
    }
  }

  private explained(error: Error): Error {
    if (this.broken || isConnectionError(error)) {
      this.broken ??= error;
      return lost(this.address.label, this.broken);
    }
    return translate(this.address.label, error);
  }

  /**
   * Breaks the connection when nothing has moved on it for too long and the server does not work on our behalf: TCP
   * alone would wait for a quarter of an hour, or for ever behind a proxy that keeps the line open.
   */
  private watch(): NodeJS.Timeout {
    const limit = silenceMs();
    let [moved, since, asking] = [-1, Date.now(), false];
    const look = async () => {
      const { bytesRead, bytesWritten, writableLength } = this.socket;
      const now = bytesRead + bytesWritten - writableLength;
      const waitsForUs = this.feeding && writableLength === 0;
      if (now !== moved || waitsForUs) [moved, since] = [now, Date.now()];
      if (asking || Date.now() - since < limit) return;
      asking = true;
      if (await this.isAtWork()) since = Date.now();
      else this.socket.destroy(new Error(`nothing moved for ${limit / 1000} s`));
      asking = false;
    };
    const timer = setInterval(() => void look(), Math.max(limit / 6, 50));
    return timer.unref();
  }

  /** Asks over a second connection whether the server works on our statement; one that waits for us does not. */
  private async isAtWork(): Promise<boolean> {
    if (!this.running) return false;
    let second: Session | undefined;
    try {
      second = await Session.open(this.address);
      const sql = `select state, wait_event ${OF_RUNNING}`;
      const { client } = second;
      const asked = client.query<TargetRow>(sql, [this.running.pid, this.running.started]);
      const late = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error('late')), CONNECT_MS).unref(),
      );
      const [row] = (await Promise.race([asked, late])).rows;
      return row?.state === 'active' && !/^Client/.test(String(row.wait_event));
    } catch {
      return false;
    } finally {
      second?.socket.destroy();
    }
  }
}

const OF_RUNNING =
  'from pg_stat_activity where pid = $1 and xact_start = $2::timestamptz and usename = current_user';

/**
 * What a role's settings, a pooler's defaults and the server's version might otherwise decide: how long a transaction
 * may last, and how values are written and read. The server's own functions come before those that somebody else gave
 * the same names; the rest of the path stays as it is, because triggers of others may need it.
 */
const PROLOGUE = `select
  pg_backend_pid() as pid,
  now()::text as started,
  set_config('statement_timeout', '0', true),
  set_config('lock_timeout', '60s', true),
  set_config('datestyle', 'ISO, YMD', true),
  set_config('intervalstyle', 'postgres', true),
  set_config('timezone', 'UTC', true),
  set_config('extra_float_digits', '1', true),
  set_config('bytea_output', 'hex', true),
  set_config('standard_conforming_strings', 'on', true),
  set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(pg_catalog.current_setting('search_path'), '')), true),
  set_config('idle_in_transaction_session_timeout', '10min', true),
  case when current_setting('transaction_timeout', true) is not null
    then set_config('transaction_timeout', '0', true) end,
  case when version() ~ 'linux' then set_config('client_connection_check_interval', '10s', true) end`;

const isServerError = (error: unknown) =>
  /^[0-9A-Z]{5}$/.test(String((error as NodeJS.ErrnoException).code ?? ''));

function write(sink: NodeJS.WritableStream, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}
