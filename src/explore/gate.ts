/** So many at a time; the others wait for their turn. */

export class Gate {
  private readonly queue: (() => void)[] = [];

  constructor(private free: number) {}

  /** Waits for a place. @returns what gives it back, once. @throws the reason of the signal when nobody waits any more. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.free > 0) this.free--;
    else await this.turn(signal);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.queue.shift();
      if (next) next();
      else this.free++;
    };
  }

  private turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.queue.splice(this.queue.indexOf(go), 1);
        reject(signal!.reason);
      };
      this.queue.push(go);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}
