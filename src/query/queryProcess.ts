/** A process of its own for queries: what runs away in it can be killed, and nothing else is hurt. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DorError, EXIT } from '../errors.ts';
import { REFERENCE, ROOT } from '../project.ts';
import { confined } from './confine.ts';
import type { FromProcess, Jobs, SessionOptions } from './serve.ts';

const LOADER = pathToFileURL(join(ROOT, 'node_modules/tsx/dist/loader.mjs')).href;

/** Opening thousands of files on a slow disk takes some seconds. */
const START_MS = 60_000;

export class QueryProcess<J extends Jobs> {
  /** When it is killed, or ended by itself: why, for whoever waits for it. */
  private reason: DorError | null = null;
  private waiting: { resolve(message: FromProcess): void; reject(error: Error): void } | null = null;
  /** Done when the process is gone and its spilled rows are, too. */
  readonly ended: Promise<void>;
  tables: string[] = [];
  /** The files of the lake that it knows. */
  state = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly scratch: string,
  ) {
    child.on('message', (message: FromProcess) => {
      const waiting = this.waiting;
      this.waiting = null;
      waiting?.resolve(message);
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.reason ??= lost(how);
        this.waiting?.reject(this.reason);
        this.waiting = null;
        rmSync(this.spill, { recursive: true, force: true });
        resolve();
      };
      child.on('error', ({ message }) => end(message));
      child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
  }

  /**
   * Starts the module, which calls `serve`, and waits until the lake is open there. Its output is this process's.
   * @param end gives it up before that. @throws DorError when it ends before.
   */
  static async start<J extends Jobs>(
    module: URL,
    session: SessionOptions,
    end: AbortSignal,
  ): Promise<QueryProcess<J>> {
    mkdirSync(session.scratch, { recursive: true });
    const [command, ...args] = [
      ...confined(
        session.scratch,
        [session.lake, REFERENCE].filter((folder) => existsSync(folder)),
      ),
      process.execPath,
      '--max-semi-space-size=2',
      '--import',
      LOADER,
      fileURLToPath(module),
      JSON.stringify(session),
    ];
    const child = spawn(command!, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    sacrifice(child.pid);
    const started = new QueryProcess<J>(child, session.scratch);
    const timer = setTimeout(() => started.kill(tooLong()), START_MS);
    const giveUp = () => started.kill(given());
    end.addEventListener('abort', giveUp);
    const message = await started.next().finally(() => {
      clearTimeout(timer);
      end.removeEventListener('abort', giveUp);
    });
    if ('error' in message) {
      started.kill(failed(message.error));
      await started.ended;
      throw started.reason;
    }
    if (!('ready' in message)) throw new Error('A query process did not say that it is ready');
    Object.assign(started, message.ready);
    return started;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Where the engine puts what is too large for its memory. */
  get spill(): string {
    return join(this.scratch, `spill-${this.child.pid}`);
  }

  get alive(): boolean {
    return this.reason === null;
  }

  /** Does one job; one at a time. @throws DorError of the job, or the reason why the process was killed. */
  async run<K extends keyof J & string>(
    job: K,
    input: Parameters<J[K]>[1],
  ): Promise<Awaited<ReturnType<J[K]>>> {
    const answer = this.next();
    if (this.alive) this.child.send({ job, input });
    const message = await answer;
    if ('error' in message) throw failed(message.error);
    return (message as { value: Awaited<ReturnType<J[K]>> }).value;
  }

  /** Ends it at once, whatever it does: an interrupted engine may go on for long. */
  kill(reason: DorError): void {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
  }

  private next(): Promise<FromProcess> {
    if (this.reason) return Promise.reject(this.reason);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }
}

/** Where the machine runs out of memory before we notice, Linux ends this process and not its neighbours. */
function sacrifice(pid: number | undefined): void {
  try {
    if (pid && process.platform === 'linux') writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // A request only; the limits are held by watching.
  }
}

const given = () => new DorError('The session ends', 'start it again', EXIT.usage);

const tooLong = () =>
  new DorError(
    `The lake could not be opened within ${START_MS / 1000} s`,
    'is its disk there, and are all its files plain files?',
    EXIT.unreachable,
  );

const failed = ({ message, remedy, code }: { message: string; remedy: string; code: number }) =>
  new DorError(message, remedy, code);

const lost = (how: string) =>
  new DorError(
    `The query ended its process (${how})`,
    'the machine may have run out of memory: select less, or set a lower --memory-limit',
    EXIT.usage,
  );
