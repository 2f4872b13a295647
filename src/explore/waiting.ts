/** Queries that are asked after again and again, instead of an answer that is waited for. */

import type { Values } from '../query/parameters.ts';
import type { Results } from './results.ts';
import type { ResultInfo } from './shelf.ts';

/** What is told when nothing is there yet. */
export interface Waiting {
  id: string;
  waiting: true;
}

/** A page in the background may be woken once a minute; one that has not asked for longer is gone. */
const GONE_MS = 150_000;

/**
 * A browser keeps six connections to a host. With answers held back until a query is done, six tabs with slow ones would
 * leave none to the seventh, nor to anybody's cancel. So an answer is given after so many milliseconds, with what there is.
 */
export class WaitingQueries {
  /** Queries whose first rows, or why there are none, have not been told yet. */
  private readonly heads = new Map<string, Promise<ResultInfo>>();
  private readonly gone = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly results: Pick<Results, 'run' | 'get' | 'settled' | 'drop'>,
    private readonly goneMs = GONE_MS,
  ) {}

  /** Starts a query. @throws DorError when it fails in that time. */
  async run(id: string, query: string, values: Values, milliseconds: number): Promise<ResultInfo | Waiting> {
    const head = this.results.run(id, query, values);
    // One that is refused because its id is taken must not take the place of the one that has it.
    if (!this.heads.has(id)) this.heads.set(id, head);
    return this.tell(id, head, milliseconds);
  }

  /** The result as far as it is there. @throws DorError when the query failed, or is not known. */
  async ask(id: string, milliseconds: number): Promise<ResultInfo | Waiting> {
    const head = this.heads.get(id);
    if (head) return this.tell(id, head, milliseconds);
    this.expectAgain(id);
    const all = await within(this.results.settled(id), milliseconds).catch((error) => {
      this.end(id);
      throw error;
    });
    if (all) this.end(id);
    return all ?? this.results.get(id);
  }

  drop(id: string): void {
    this.end(id);
    this.results.drop(id);
  }

  private async tell(id: string, head: Promise<ResultInfo>, milliseconds: number) {
    this.expectAgain(id);
    try {
      const info = await within(head, milliseconds);
      if (!info) return { id, waiting: true } as const;
      if (this.heads.get(id) === head) this.heads.delete(id);
      if (info.rows !== null) this.end(id);
      return info;
    } catch (error) {
      if (this.heads.get(id) === head) this.end(id);
      throw error;
    }
  }

  private expectAgain(id: string): void {
    clearTimeout(this.gone.get(id));
    this.gone.set(id, setTimeout(() => this.drop(id), this.goneMs).unref());
  }

  private end(id: string): void {
    clearTimeout(this.gone.get(id));
    this.gone.delete(id);
    this.heads.delete(id);
  }
}

/** Null when it takes longer. */
async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
