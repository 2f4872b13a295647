/** The small parts of a workbook: which sheets it has, where they lie, and what their numbers mean. */

import { posix } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Archive } from './archive.ts';
import { XlsxError } from './errors.ts';
import type { XlsxLimits } from './limits.ts';
import { readStyles } from './styles.ts';
import { asUtf8 } from './utf8.ts';
import { childrenOf, parseXml, type Wanted, type XmlElement } from './xmlTree.ts';

/** What is read of the small parts. */
const WANTED: Wanted = {
  Relationships: [],
  Relationship: ['Id', 'Type', 'Target', 'TargetMode'],
  workbook: [],
  workbookPr: ['date1904'],
  sheets: [],
  sheet: ['name', 'state', ':id'],
  styleSheet: [],
  numFmts: [],
  numFmt: ['numFmtId', 'formatCode'],
  cellXfs: [],
  xf: ['numFmtId'],
};

/** Relations to sheets that are no worksheets. */
const NO_CELLS = ['chartsheet', 'dialogsheet', 'xlMacrosheet', 'xlIntlMacrosheet'];

interface Relation {
  id: string;
  type: string;
  /** Name in the archive; null when it lies outside of the workbook. */
  target: string | null;
}

export interface Sheet {
  name: string;
  hidden: boolean;
  /** Its part in the archive; null for charts, dialogs and macros. */
  part: string | null;
}

/** What the small parts say. */
export interface WorkbookParts {
  /** In the order of their tabs. */
  sheets: Sheet[];
  date1904: boolean;
  /** FORMAT by cell style. */
  styles: Uint8Array;
  stringsPart: string | null;
}

/**
 * Follows the relations from the package to the workbook and from there to its parts.
 * @throws XlsxError when a sheet or the styles cannot be found, or when there is more than one way to read them.
 */
export async function findParts(archive: Archive, limits: XlsxLimits): Promise<WorkbookParts> {
  const start = (await relations(archive, '', limits)).find(
    ({ type, target }) => type === 'officeDocument' && target !== null,
  );
  const workbookPart = start?.target ?? 'xl/workbook.xml';
  const workbook = await readTree(archive, workbookPart, limits);
  if (workbook.name !== 'workbook') throw new XlsxError(`${workbookPart} is no workbook`);
  const related = await relations(archive, workbookPart, limits);
  const styles = only(related, 'styles');
  // Without them every date would be a number.
  if (styles && !isThere(styles, archive)) throw new XlsxError('its part with the styles is missing');
  const strings = only(related, 'sharedStrings');
  const [properties] = childrenOf(workbook, 'workbookPr');
  return {
    sheets: findSheets(workbook, related, archive),
    date1904: /^(1|true)$/.test(properties?.attributes.date1904 ?? ''),
    styles: readStyles(styles ? await readTree(archive, styles.target!, limits) : undefined),
    // Cells that name a string are refused without it.
    stringsPart: strings && isThere(strings, archive) ? strings.target : null,
  };
}

function findSheets(workbook: XmlElement, related: Relation[], archive: Archive): Sheet[] {
  const byId = new Map(related.map((relation) => [relation.id, relation]));
  if (byId.size < related.length) throw new XlsxError('two of its relations have one id');
  const sheets = childrenOf(workbook, 'sheets', 'sheet').map(({ attributes }) => ({
    name: attributes.name ?? '',
    hidden: (attributes.state ?? 'visible') !== 'visible',
    part: partOf(attributes, byId, archive),
  }));
  const seen = new Set<string>();
  for (const { part } of sheets) {
    if (part === null) continue;
    if (seen.has(part.toLowerCase())) throw new XlsxError(`${part} is two of its sheets`);
    seen.add(part.toLowerCase());
  }
  return sheets;
}

/** The relation of a type of which a workbook has one at most. */
function only(related: Relation[], wanted: string): Relation | undefined {
  const found = related.filter(({ type }) => type === wanted);
  if (found.length > 1) throw new XlsxError(`it has ${found.length} parts of the type ${wanted}`);
  return found[0];
}

const isThere = ({ target }: Relation, archive: Archive) => target !== null && archive.has(target);

/** The part of a sheet, null for one without cells. @throws XlsxError when it has none: its rows would be lost. */
function partOf(
  { name, ':id': id }: Record<string, string>,
  related: Map<string, Relation>,
  archive: Archive,
): string | null {
  const relation = related.get(id ?? '');
  if (relation && NO_CELLS.includes(relation.type)) return null;
  const refuse = (why: string) => new XlsxError(`its sheet "${name ?? ''}" cannot be found: ${why}`);
  if (!relation) throw refuse(`there is no relation ${id ?? 'for it'}`);
  if (relation.type !== 'worksheet') throw refuse(`it is related as "${relation.type}"`);
  if (relation.target === null) throw refuse('it lies outside of the workbook');
  if (!archive.has(relation.target)) throw refuse(`${relation.target} is missing`);
  return relation.target;
}

/** Relations of a part (of the package for ''), with targets as names in the archive. */
async function relations(archive: Archive, part: string, limits: XlsxLimits): Promise<Relation[]> {
  const folder = posix.dirname(part);
  const path = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!archive.has(path)) return [];
  return childrenOf(await readTree(archive, path, limits), 'Relationship').map(({ attributes }) => ({
    id: attributes.Id ?? '',
    type: (attributes.Type ?? '').split('/').at(-1)!,
    target: attributes.TargetMode === 'External' ? null : resolveTarget(folder, attributes.Target ?? ''),
  }));
}

const resolveTarget = (folder: string, target: string) =>
  target.startsWith('/') ? posix.normalize(target.slice(1)) : posix.join(folder, target);

async function readTree(archive: Archive, part: string, limits: XlsxLimits): Promise<XmlElement> {
  if (archive.size(part) > limits.smallPartBytes) {
    throw new XlsxError(`${part} would unpack to ${archive.size(part)} bytes, which no workbook needs`);
  }
  const decoder = new StringDecoder();
  let text = '';
  for await (const chunk of asUtf8(archive.read(part), part)) text += decoder.write(chunk);
  return parseXml(text, part, WANTED);
}
