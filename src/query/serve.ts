/** The inside of a query process: it opens the lake, does one job at a time, and says what came of it. */

import { rmSync } from 'node:fs';
import { type Lake, openLake } from './lake.ts';
import { explained } from './runQuery.ts';

/** What a query process can do, by name. Arguments and results are copied between processes. */
// biome-ignore lint/suspicious/noExplicitAny: each job has an input of its own
export type Jobs = Record<string, (lake: Lake, input: any) => Promise<unknown>>;

/** How a query process is started. */
export interface SessionOptions {
  lake: string;
  scratch: string;
  memoryLimitMb: number;
}

export type FromProcess =
  | { ready: { tables: string[]; state: string } }
  | { value: unknown }
  | { error: { message: string; remedy: string; code: number } };

/** Never returns: the process ends when it is killed, or when whoever started it is gone. */
export async function serve(jobs: Jobs): Promise<void> {
  // The terminal's Ctrl-C is for the process that asked; it decides what becomes of this one.
  process.on('SIGINT', () => {});
  // Threads of the engine may be at work: an orderly exit would wait for them.
  const { lake: folder, ...options } = JSON.parse(process.argv[2]!) as SessionOptions;
  process.on('disconnect', () => {
    try {
      // Whoever asked is gone, and cannot clear up any more.
      rmSync(options.scratch, { recursive: true, force: true });
    } catch {
      // The folder itself may be a mount here; what was in it is gone.
    }
    process.kill(process.pid, 'SIGKILL');
  });
  const lake = await openLake(folder, options).catch((error) => tell(failure(error, NO_LAKE)));
  if (!lake) return;
  process.on('message', async ({ job, input }: { job: string; input: unknown }) => {
    tell(
      await jobs[job]!(lake, input).then(
        (value) => ({ value }),
        (error) => failure(error, lake),
      ),
    );
  });
  tell({ ready: { tables: lake.tables, state: lake.state } });
}

const tell = (message: FromProcess) => void process.send!(message);

const NO_LAKE = { tables: [], broken: new Map<string, string>() };

function failure(error: Error, lake: Pick<Lake, 'tables' | 'broken'>): FromProcess {
  const { message, remedy, code } = explained(error, lake);
  return { error: { message: shortened(message), remedy, code } };
}

/** `error()` puts any text into a message. */
const shortened = (message: string) =>
  message.length > MESSAGE ? `${message.slice(0, MESSAGE)} … (${message.length} characters)` : message;

const MESSAGE = 4000;
