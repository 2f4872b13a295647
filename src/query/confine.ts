/** Processes for which folders of ours are read-only, whatever the SQL that runs in them manages to say. */

import { spawnSync } from 'node:child_process';

/**
 * Mounts each folder over itself, read-only, in a mount namespace of the process; and so what is mounted below. The first argument
 * stays writable, also inside one of them. Files of the lake are then on a read-only file system to the process and to nobody else.
 */
const SCRIPT = `set -e
scratch=$1
mount --bind "$scratch" "$scratch"
shift
while [ "$1" != -- ]; do
  mount --rbind "$1" "$1"
  mount -o remount,bind,ro "$1"
  cut -d ' ' -f 5 /proc/self/mountinfo | while read -r escaped; do
    point=$(printf '%b' "$escaped")
    case $point in
      "$scratch") ;;
      "$1"/*) mount -o remount,bind,ro "$point" ;;
    esac
  done
  shift
done
shift
exec "$@"`;

const known = new Map<string, string[]>();

/**
 * The beginning of a command line that runs the rest confined, or nothing where the system has no such thing: other
 * systems than Linux, containers without the right to make namespaces. Asked once for the same folders.
 */
export function confined(writable: string, readOnly: string[]): string[] {
  const key = [writable, ...readOnly].join('\n');
  const found = known.get(key) ?? tryOut(writable, readOnly);
  known.set(key, found);
  return found;
}

function tryOut(writable: string, readOnly: string[]): string[] {
  if (process.platform !== 'linux') return [];
  const namespace = process.getuid!() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const [command, ...args] = ['unshare', ...namespace, 'sh', '-c', SCRIPT, 'sh', writable, ...readOnly, '--'];
  const { status } = spawnSync(command!, [...args, 'true'], { stdio: 'ignore' });
  return status === 0 ? [command!, ...args] : [];
}
