/** Spreadsheets and archives that are not read: what they are called, and how they become something that is. */

import { FileRefused } from '../errors.ts';

const SAVE_AS =
  'open it in Excel or LibreOffice and save it as "Excel Workbook (.xlsx)", or export it as CSV';
const DECRYPT =
  'open it in Excel, take the password away (File › Info › Protect Workbook › Encrypt with Password) and save it as .xlsx';

const FORMATS = {
  xls: ['an old Excel workbook (.xls)', SAVE_AS],
  xlsb: ['a binary Excel workbook (.xlsb)', SAVE_AS],
  ods: ['an OpenDocument sheet (.ods)', SAVE_AS],
  xml2003: ['an Excel 2003 XML spreadsheet', SAVE_AS],
  fods: ['a flat OpenDocument sheet (.fods)', SAVE_AS],
  table: ['a web page under the name of a workbook, as some sites export tables', SAVE_AS],
  xml: ['an XML file and no workbook', 'take the CSV or the workbook that it was made of'],
  encrypted: ['a password-protected workbook', DECRYPT],
  ole: ['an old Office document or a password-protected workbook', SAVE_AS],
  '7z': ['a 7-Zip archive', 'pack it as .zip'],
  rar: ['a RAR archive', 'pack it as .zip'],
} as const;

export type OtherFormat = keyof typeof FORMATS;

export function otherFormatRefused(format: OtherFormat, label: string): FileRefused {
  const [what, remedy] = FORMATS[format];
  return new FileRefused('F01', label, `is ${what}, which is not read`, remedy);
}

/** What a text in XML or HTML is when it is no "not found" page; null for a web page. */
export function markupOf(head: Buffer, extension: string): OtherFormat | null {
  const text = head.subarray(0, 4096).toString('latin1');
  if (/urn:schemas-microsoft-com:office:spreadsheet|progid="Excel\.Sheet"/.test(text)) return 'xml2003';
  if (/urn:oasis:names:tc:opendocument/.test(text)) return 'fods';
  if (/<table|urn:schemas-microsoft-com:office:excel/i.test(text) && /^xls[xmb]?$/.test(extension))
    return 'table';
  return /<(!doctype\s+)?html/i.test(text) || !/^\s*(\xef\xbb\xbf)?<\?xml/.test(text) ? null : 'xml';
}

/**
 * What a file of the kinds 7z, rar and OLE compound is. @param readAt reads bytes of the file from an offset, as far as
 * they can be reached: a compound file's directory, which names its streams, may lie anywhere.
 */
export function formatOf(head: Buffer, extension: string, readAt: (offset: number) => Buffer): OtherFormat {
  if (head[0] === 0x37) return '7z';
  if (head[0] === 0x52) return 'rar';
  const names = directoryNames(head, readAt);
  if (names.includes('EncryptedPackage')) return 'encrypted';
  return extension === 'xls' || /Workbook|\bBook/.test(names) ? 'xls' : 'ole';
}

/** What a zip's names say it is, when that is a spreadsheet; null for other archives. */
export function packageOf(names: string[]): 'xlsx' | 'xlsb' | 'ods' | null {
  const office = names.some((name) => name.toLowerCase() === '[content_types].xml');
  const workbook = (extension: string) => new RegExp(`(^|/)workbook[^/]*\\.${extension}$`, 'i');
  if (office && names.some((name) => workbook('xml').test(name))) return 'xlsx';
  if (office && names.some((name) => workbook('bin').test(name))) return 'xlsb';
  return names.includes('mimetype') && names.includes('content.xml') ? 'ods' : null;
}

/** Names in the first sectors of the directory, UTF-16 in the file. */
function directoryNames(head: Buffer, readAt: (offset: number) => Buffer): string {
  if (head.length < 52) return '';
  const sector = 2 ** Math.min(head.readUInt16LE(30), 12);
  const directory = readAt((head.readUInt32LE(48) + 1) * sector);
  return directory.subarray(0, 4096).toString('latin1').replaceAll('\0', '');
}
