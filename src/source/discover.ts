/** Which files there are: folders of any depth, zips, zips in zips. */

import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DorError, EXIT, FileRefused } from '../errors.ts';
import { type Candidate, displayName, sniff } from './candidate.ts';
import { markFile } from './fileMark.ts';
import { formatOf, markupOf, otherFormatRefused, packageOf } from './otherFormats.ts';
import { extractMember, listMembers, readMember, ZIP_LIMITS, type ZipMember } from './zip.ts';

export interface Discovery {
  candidates: Candidate[];
  /** Files that cannot be used, each with its own message. */
  refused: FileRefused[];
}

const HEAD_BYTES = 64 * 1024;
/** What people keep beside roll files and nobody means to ingest. */
const IGNORED =
  /(^|\/)(\.|~\$|__MACOSX\/|Thumbs\.db|README)|\.(md|pdf|docx?|xsd|html?|json|sql|log|tmp|crdownload|part)$/i;

/**
 * Finds everything under the given files and folders that may be a roll.
 * @param scratch where archives inside archives are unpacked to.
 * @throws DorError when a path does not exist.
 */
export async function discover(roots: string[], scratch: string): Promise<Discovery> {
  const found: Discovery = { candidates: [], refused: [] };
  for (const path of roots.flatMap((root) => listFiles(root))) {
    try {
      await inspectFile(path, { found, scratch });
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      found.refused.push(error);
    }
  }
  return found;
}

/** Files under a path in a fixed order; a link to a folder above itself is followed once. */
function listFiles(root: string, seen = new Set<string>()): string[] {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(root);
  } catch {
    // A link in a folder that leads nowhere is refused with the other files; it may have been a roll.
    if (seen.size > 0) return [root];
    throw new DorError(`There is no file or folder ${root}`, 'check the path', EXIT.unreachable);
  }
  if (!stat.isDirectory()) return stat.isFile() ? [root] : [];
  const real = realpathSync(root);
  if (seen.has(real)) return [];
  seen.add(real);
  return readdirSync(root)
    .sort()
    .map((name) => join(root, name))
    .filter((path) => !IGNORED.test(path.slice(root.length)))
    .flatMap((path) => listFiles(path, seen));
}

/** What was found so far, and where archives inside archives are unpacked to. */
interface Search {
  found: Discovery;
  scratch: string;
}

async function inspectFile(path: string, search: Search): Promise<void> {
  if (!existsSync(path))
    throw new FileRefused('F01', path, 'is a link to a file that is not there', 'remove the link or fix it');
  const stat = statSync(path);
  const fileMtimeMs = Math.round(stat.mtimeMs);
  const outer = { path, members: [], fileBytes: stat.size, fileMtimeMs, fileMark: markFile(path) };
  const file = { ...outer, bytes: stat.size, fileDate: null };
  const head = readBytesAt(path, 0);
  const kind = sniff(head);
  if (kind === 'unsupported') refuseOther(head, path, (offset) => readBytesAt(path, offset));
  if (kind === 'zip' && !(await isWorkbook(path, path))) await inspectArchive(path, outer, search);
  else accept({ ...file, kind: kind === 'zip' ? 'xlsx' : kind, onDisk: path }, head, search.found);
}

type Outer = Pick<Candidate, 'path' | 'members' | 'fileBytes' | 'fileMtimeMs' | 'fileMark'>;

/** Looks into an archive that lies unpacked at `archive` and is called `outer` by people. */
async function inspectArchive(archive: string, outer: Outer, search: Search): Promise<void> {
  const label = displayName(outer);
  if (outer.members.length >= ZIP_LIMITS.depth) {
    throw new FileRefused(
      'F01',
      label,
      `archives are nested more than ${ZIP_LIMITS.depth} deep`,
      'unpack it yourself',
    );
  }
  const members = (await listMembers(archive, label)).filter((member) => !IGNORED.test(member.name));
  const { found } = search;
  const before = found.candidates.length + found.refused.length;
  for (const member of members) {
    const inner = { ...outer, members: [...outer.members, member.name] };
    try {
      await inspectMember(archive, member, inner, search);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      found.refused.push(error);
    }
  }
  if (found.candidates.length + found.refused.length === before) {
    throw new FileRefused(
      'F01',
      label,
      'the archive holds no roll file',
      'a county zip holds exactly one CSV',
    );
  }
}

async function inspectMember(
  archive: string,
  member: ZipMember,
  inner: Outer,
  search: Search,
): Promise<void> {
  const { scratch, found } = search;
  const label = displayName(inner);
  const head = await memberHead(archive, member.name, label);
  const kind = sniff(head);
  const file = { ...inner, bytes: member.bytes, fileDate: member.date };
  if (kind === 'unsupported') refuseOther(head, label, (offset) => head.subarray(offset));
  if (kind !== 'zip' && kind !== 'parquet') return accept({ ...file, kind }, head, found);
  const onDisk = await extractMember(archive, member.name, label, scratch);
  if (kind === 'zip' && !(await isWorkbook(onDisk, label))) return inspectArchive(onDisk, inner, search);
  accept({ ...file, kind: kind === 'zip' ? 'xlsx' : kind, onDisk }, head, found);
}

/** True for a workbook, false for other archives. @throws FileRefused for spreadsheets of other formats. */
async function isWorkbook(path: string, label: string): Promise<boolean> {
  const format = packageOf((await listMembers(path, label)).map((member) => member.name));
  if (format === 'xlsb' || format === 'ods') throw otherFormatRefused(format, label);
  return format === 'xlsx';
}

function refuseOther(head: Buffer, label: string, readAt: (offset: number) => Buffer): never {
  throw otherFormatRefused(formatOf(head, extensionOf(label), readAt), label);
}

function accept(
  candidate: Omit<Candidate, 'kind'> & { kind: ReturnType<typeof sniff> },
  head: Buffer,
  found: Discovery,
): void {
  const { kind } = candidate;
  const label = displayName(candidate);
  const extension = extensionOf(label);
  const markup = kind === 'html' ? markupOf(head, extension) : null;
  if (markup) throw otherFormatRefused(markup, label);
  if (kind === 'html') {
    const what = `is a web page and not a roll: the portal answers a missing file with a "not found" page`;
    const remedy = 'delete it, look the exact file name up on the portal and download it again';
    throw new FileRefused('F01', label, what, remedy);
  }
  if (kind === 'empty') throw new FileRefused('F01', label, 'is empty', 'download it again');
  if (kind === 'csv' && /^(zip|xls[xmb]?|ods|7z|rar)$/.test(extension)) {
    throw new FileRefused('F01', label, `is called .${extension} and is none`, 'download it again');
  }
  found.candidates.push({ ...candidate, kind: kind as Candidate['kind'] });
}

const extensionOf = (label: string) => label.split('.').at(-1)!.toLowerCase();

function readBytesAt(path: string, offset: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(descriptor, head, 0, head.length, offset));
  } finally {
    closeSync(descriptor);
  }
}

async function memberHead(archive: string, name: string, label: string): Promise<Buffer> {
  for await (const chunk of readMember(archive, name, label)) return chunk;
  return Buffer.alloc(0);
}
