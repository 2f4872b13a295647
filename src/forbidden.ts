/** Files and folders that the system does not let us open or write: a read-only disk, another user's folder. */

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DorError, EXIT } from './errors.ts';

const REASONS: Record<string, string> = {
  EROFS: 'it is on a read-only file system',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
};

/** Makes a folder that will be written to. @throws DorError where that is forbidden. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw expectForbidden(causeOf(path, error));
  }
}

/** `mkdir -p` on a read-only disk says that there is no such folder: the folder above tells the cause. */
function causeOf(path: string, error: unknown): unknown {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
    return error;
  } catch (cause) {
    return cause;
  }
}

/** The error to throw or show instead: itself, unless it says that a file may not be opened or written. */
export function expectForbidden(error: unknown): unknown {
  const { code = '', path } = error as NodeJS.ErrnoException;
  if (!REASONS[code] || !path) return error;
  return new DorError(
    `${path} cannot be opened or written to: ${REASONS[code]}`,
    'give yourself the right to it, or set DOR_DATA to a folder of yours; status, sql, rejects and why only read',
    EXIT.unreachable,
    { cause: error },
  );
}
