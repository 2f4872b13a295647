/** Errors a user can act on. Everything else that is thrown is a bug and ends with exit code 2. */

import { hideCredentials } from './credentials.ts';
import type { FileRule } from './fileRules.ts';
import { harmless } from './terminal.ts';

/** `changes` only with --detailed-exitcode, where usage errors and bugs are `usageDetailed`. */
export const EXIT = {
  ok: 0,
  gate: 1,
  usage: 2,
  changes: 2,
  unreachable: 3,
  usageDetailed: 64,
  busy: 75,
} as const;

/**
 * An expected failure: what happened, where, and what to do next.
 * `code` becomes the exit code of the process.
 */
export class DorError extends Error {
  override name = 'DorError';
  constructor(
    message: string,
    readonly remedy: string,
    readonly code: number = EXIT.gate,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A file rule (see FILE_RULES) of severity error: the file is refused and the staged data stay as they were. */
export class FileRefused extends DorError {
  override name = 'FileRefused';
  constructor(
    readonly rule: FileRule,
    readonly file: string,
    what: string,
    remedy: string,
  ) {
    super(`${rule} ${file}: ${what}`, remedy, EXIT.gate);
  }
}

/** One line for a person: the message, then what to do next. */
export function explain(error: unknown): string {
  if (error instanceof DorError) return told(`${error.message}\n  → ${error.remedy}`);
  return told(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** A message may quote a value of a file, or a URL. */
const told = (text: string) => harmless(hideCredentials(text));
