/** The log on stderr: a bar per step on a terminal, plain lines anywhere else. */

import cliProgress from 'cli-progress';
import { harmless } from './terminal.ts';

export interface Progress {
  /** A step of a partition begins. `totalBytes` when its progress can be counted. */
  begin(label: string, totalBytes?: number): void;
  /** Share of the running step that is done, 0 to 1. */
  advance(share: number): void;
  /** The running step has ended; `note` says what came out. */
  end(note: string): void;
  say(line: string): void;
}

/** Chooses the talker for a stream. */
export function createProgress(stream: NodeJS.WriteStream, quiet = false): Progress {
  if (quiet) return { begin() {}, advance() {}, end() {}, say() {} };
  return stream.isTTY ? barProgress(stream) : lineProgress(stream);
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  let running = '';
  return {
    begin(label) {
      running = label;
      stream.write(`${label} …\n`);
    },
    advance() {},
    end(note) {
      stream.write(`${running}: ${harmless(note)}\n`);
    },
    say(line) {
      stream.write(`${harmless(line)}\n`);
    },
  };
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  const plain = Boolean(process.env.NO_COLOR);
  const bar = new cliProgress.SingleBar({
    format: '{label} {bar} {percentage}%',
    barCompleteChar: plain ? '#' : '█',
    barIncompleteChar: plain ? '.' : '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream,
  });
  let running = '';
  return {
    begin(label) {
      running = label.padEnd(36);
      bar.start(1000, 0, { label: running });
    },
    advance(share) {
      bar.update(Math.round(share * 1000));
    },
    end(note) {
      bar.stop();
      stream.write(`${running} ${harmless(note)}\n`);
    },
    say(line) {
      stream.write(`${harmless(line)}\n`);
    },
  };
}
