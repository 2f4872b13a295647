/**
 * Query processes for as many jobs as there are at the same time, and the limits that they are held to. Time, memory
 * and disk are looked at from outside, and what passes a limit is killed: the engine's own limits know neither what a
 * list or a long text takes, nor how to end within the second.
 */

import { DorError, EXIT } from '../errors.ts';
import { lakeViews, stateOf } from './lakeViews.ts';
import { QueryProcess } from './queryProcess.ts';
import type { Jobs } from './serve.ts';
import { fileMb, folderMb, memoryMb } from './usage.ts';

export interface PoolLimits {
  /** Memory of all processes together. */
  memoryMb: number;
  /** Files in the scratch folder: results that are kept, and what the engine spills. */
  diskMb: number;
  /** Jobs at the same time; further ones wait. */
  jobs: number;
}

export interface JobOptions {
  /** Ends the job by killing its process; its reason is thrown. */
  signal?: AbortSignal;
  /** How long it may take, and the others that belong to it: from `since` (performance.now()), or from now. */
  seconds?: number;
  since?: number;
  /** The file that it writes, if any. */
  writes?: string;
}

interface Running {
  writes: string | undefined;
  /** Its memory at the last look. */
  mb?: number;
}

export const SMALLEST_MB = 200;
/** Private memory of a process that has done nothing yet, about. */
const IDLE_MB = 60;
/** The engine is told less than the limit: it can then spill, and say itself that memory is short. */
const ENGINE_SHARE = 0.7;
/** A process that still holds more than this after its job is replaced. */
const WORN_MB = 250;
/** What a timer can wait at most: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;
const MEMORY_EVERY_MS = 25;
const DISK_EVERY_MS = 200;

/** How many jobs fit into a memory limit at the same time, when none needs much. */
export const jobsWithin = (memoryLimitMb: number) => Math.floor((memoryLimitMb * 0.9) / IDLE_MB);

export class QueryPool<J extends Jobs> {
  private readonly idle: QueryProcess<J>[] = [];
  private readonly busy = new Map<QueryProcess<J>, Running>();
  private readonly all = new Set<QueryProcess<J>>();
  private readonly starting = new Set<Promise<unknown>>();
  private readonly end = new AbortController();
  private readonly queue: (() => void)[] = [];
  private readonly timers: NodeJS.Timeout[];
  private closed = false;
  /** A process is kept ready for the next job. */
  private spare = false;

  /** @param evict frees disk of results that nobody works on; false when there is nothing left to free. */
  constructor(
    private readonly module: URL,
    readonly session: { lake: string; scratch: string },
    readonly limits: PoolLimits,
    private readonly evict: () => boolean = () => false,
  ) {
    if (!(limits.memoryMb >= SMALLEST_MB))
      throw tooSmall('memory', limits.memoryMb, `at least ${SMALLEST_MB} MB`);
    if (!(limits.diskMb > 0)) throw tooSmall('disk', limits.diskMb, 'some MB');
    this.timers = [
      setInterval(() => this.holdMemory(), MEMORY_EVERY_MS),
      setInterval(() => this.holdDisk(), DISK_EVERY_MS),
    ];
    for (const timer of this.timers) timer.unref();
  }

  /** Does one job in a process that has nothing else to do. @throws DorError of the job, or why it was ended. */
  async run<K extends keyof J & string>(
    job: K,
    input: Parameters<J[K]>[1],
    { signal, seconds, since = performance.now(), writes }: JobOptions = {},
  ): Promise<Awaited<ReturnType<J[K]>>> {
    if (seconds !== undefined && !(seconds > 0)) throw tooSmall('timeout', seconds, 'some seconds');
    const process = await this.take(writes);
    if (signal?.aborted) {
      this.give(process);
      throw reasonOf(signal);
    }
    const end = () => process.kill(reasonOf(signal!));
    const left = seconds && Math.min(LONGEST_MS, Math.max(0, seconds * 1000 - (performance.now() - since)));
    const timer = left === undefined ? undefined : setTimeout(() => process.kill(tooLate(seconds!)), left);
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await process.run(job, input);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      this.give(process);
    }
  }

  /** From now on a process is there when the next job comes. */
  async warm(): Promise<void> {
    this.spare = true;
    if (this.closed || this.idle.length + this.starting.size > 0 || this.busy.size >= this.limits.jobs)
      return;
    const started = await this.start();
    if (this.closed) started.kill(closing());
    else this.idle.push(started);
  }

  /** Ids of the processes that are there. */
  get processes(): number[] {
    return [...this.all].map(({ pid }) => pid);
  }

  /** Kills every process and waits for their ends. */
  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearInterval(timer);
    for (const next of this.queue.splice(0)) next();
    this.end.abort();
    for (const one of this.all) one.kill(closing());
    await Promise.allSettled([...this.starting, ...[...this.all].map(({ ended }) => ended)]);
  }

  private async take(writes: string | undefined): Promise<QueryProcess<J>> {
    while (this.busy.size + this.starting.size >= this.limits.jobs && !this.closed)
      await new Promise<void>((resolve) => this.queue.push(resolve));
    if (this.closed) throw closing();
    const state = stateOf(lakeViews(this.session.lake));
    // Files came or went: a process knows those that were there when it began.
    for (const old of this.idle.filter((one) => one.state !== state)) this.retire(old);
    try {
      const found = this.idle.pop() ?? (await this.start());
      this.busy.set(found, { writes });
      return found;
    } catch (error) {
      // The place is free again, and whoever waits for it must not wait for good.
      this.queue.shift()?.();
      throw error;
    }
  }

  private give(process: QueryProcess<J>): void {
    this.busy.delete(process);
    if (process.alive && memoryMb(process.pid) < WORN_MB && this.idle.length < 2) this.idle.push(process);
    else this.retire(process);
    this.queue.shift()?.();
    if (this.spare) this.warm().catch(() => {});
  }

  private retire(process: QueryProcess<J>): void {
    const at = this.idle.indexOf(process);
    if (at >= 0) this.idle.splice(at, 1);
    process.kill(closing());
  }

  private async start(): Promise<QueryProcess<J>> {
    const session = {
      ...this.session,
      memoryLimitMb: Math.floor((this.limits.memoryMb - IDLE_MB) * ENGINE_SHARE),
    };
    const starting = QueryProcess.start<J>(this.module, session, this.end.signal);
    this.starting.add(starting);
    const started = await starting.finally(() => this.starting.delete(starting));
    this.all.add(started);
    started.ended.then(() => {
      this.all.delete(started);
      const at = this.idle.indexOf(started);
      if (at >= 0) this.idle.splice(at, 1);
    });
    return started;
  }

  private holdMemory(): void {
    if (this.busy.size === 0) return;
    const looks = [...this.all].map((one) => ({ one, running: this.busy.get(one), mb: memoryMb(one.pid) }));
    const sum = (of: typeof looks) => of.reduce((total, { mb }) => total + mb, 0);
    // Where the busy ones will be at the next look, if they grow on as they did since the last one.
    const busy = looks
      .filter(({ running }) => running)
      .map(({ one, running, mb }) => ({ one, running, mb: mb + Math.max(0, mb - (running!.mb ?? mb)) }));
    for (const { running, mb } of looks) if (running) running.mb = mb;
    const others = looks.filter(({ running }) => !running);
    if (sum(busy) + sum(others) <= this.limits.memoryMb) return;
    for (const one of this.idle.slice()) this.retire(one);
    if (sum(busy) <= this.limits.memoryMb) return;
    const [largest] = busy.filter(({ one }) => one.alive).sort((a, b) => b.mb - a.mb);
    largest?.one.kill(tooMuchMemory(memoryMb(largest.one.pid), this.limits.memoryMb, busy.length));
  }

  private holdDisk(): void {
    if (this.busy.size === 0) return;
    while (folderMb(this.session.scratch) > this.limits.diskMb) {
      if (this.evict()) continue;
      const [largest] = [...this.busy]
        .filter(([one]) => one.alive)
        .map(([one, { writes }]) => ({ one, mb: folderMb(one.spill) + (writes ? fileMb(writes) : 0) }))
        .sort((a, b) => b.mb - a.mb);
      largest?.one.kill(tooMuchDisk(this.limits.diskMb));
      return;
    }
  }
}

function reasonOf({ reason }: AbortSignal): DorError {
  return reason instanceof DorError ? reason : cancelled();
}

export const cancelled = () =>
  new DorError('The query was cancelled', 'run it again when it is wanted', EXIT.usage);

const tooSmall = (limit: 'memory' | 'disk' | 'timeout', given: number, least: string) =>
  new DorError(
    `A ${limit}${limit === 'timeout' ? '' : ' limit'} of ${given} is too small`,
    `give ${least} with --${limit}${limit === 'timeout' ? '' : '-limit'}`,
    EXIT.usage,
  );

const closing = () => new DorError('The session ends', 'start it again', EXIT.usage);

const tooLate = (seconds: number) =>
  new DorError(
    `The query was stopped after ${seconds} s`,
    'narrow the query, or start with a larger --timeout',
    EXIT.usage,
  );

const tooMuchMemory = (mb: number, limit: number, jobs: number) =>
  new DorError(
    `The query was stopped: it used ${Math.round(mb)} MB of memory and would soon have had${jobs > 1 ? ', with the others,' : ''} more than the limit of ${limit} MB`,
    'select less at a time, or start with a larger --memory-limit',
    EXIT.usage,
  );

const tooMuchDisk = (limit: number) =>
  new DorError(
    `The query was stopped: results need more than ${limit} MB of disk`,
    'look for a join condition that is missing, select less, or start with a larger --disk-limit',
    EXIT.usage,
  );
