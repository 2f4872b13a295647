/** Workbooks put together by hand, part by part, for what no writer would write. */

import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

export interface Handmade {
  /** XML of each sheet: only what stands inside <sheetData>, or a whole part when it begins with <? or is a buffer. */
  sheets: { name?: string; state?: string; xml: string | Buffer; chart?: boolean }[];
  /** What stands inside <sst>, or a whole part. */
  strings?: string | Buffer;
  /** What stands inside <styleSheet>. */
  styles?: string;
  /** Attributes of <workbookPr>. */
  properties?: string;
  /** Relations with absolute targets, in the namespaces of strict OOXML. */
  strict?: boolean;
  absolute?: boolean;
  /** Not deflated. */
  stored?: boolean;
  /** In the format of archives over 4 GB. */
  zip64?: boolean;
  /** Further members. */
  extra?: Record<string, string | Buffer>;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The bytes of the .xlsx file. */
export async function workbookOf(book: Handmade): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const forceZip64Format = book.zip64 ?? false;
  const options = { compress: !book.stored, mtime: new Date(2025, 0, 1), forceZip64Format };
  for (const [name, content] of Object.entries(partsOf(book)))
    zip.addBuffer(Buffer.from(content), name, options);
  zip.end({ forceZip64Format, comment: '' });
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}

function partsOf({
  sheets,
  strings,
  styles,
  properties = '',
  strict,
  absolute,
  extra,
}: Handmade): Record<string, string | Buffer> {
  const main = strict
    ? 'http://purl.oclc.org/ooxml/spreadsheetml/main'
    : 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = strict
    ? 'http://purl.oclc.org/ooxml/officeDocument/relationships'
    : 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${relations}/${type}" Target="${absolute ? '/xl/' : ''}${target}"/>`;
  const whole = (part: string | Buffer, root: string) =>
    typeof part !== 'string' || part.startsWith('<?')
      ? part
      : `${HEAD}<${root} xmlns="${main}">${part}</${root}>`;
  const parts: Record<string, string | Buffer> = {
    '[Content_Types].xml': `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `${HEAD}<Relationships>${relation('rId1', 'officeDocument', absolute ? 'workbook.xml' : 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${main}" xmlns:r="${relations}"><workbookPr ${properties}/><sheets>${sheets
      .map(
        ({ name, state }, index) =>
          `<sheet name="${name ?? `Sheet${index + 1}`}" sheetId="${index + 1}"${state ? ` state="${state}"` : ''} r:id="rId${index + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships>${sheets
      .map(({ chart }, index) =>
        chart
          ? relation(`rId${index + 1}`, 'chartsheet', `chartsheets/sheet${index + 1}.xml`)
          : relation(`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`),
      )
      .join(
        '',
      )}${styles === undefined ? '' : relation('rIdY', 'styles', 'styles.xml')}${strings === undefined ? '' : relation('rIdS', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
  };
  sheets.forEach(({ xml, chart }, index) => {
    const data = typeof xml !== 'string' || xml.startsWith('<?') ? xml : `<sheetData>${xml}</sheetData>`;
    if (chart) parts[`xl/chartsheets/sheet${index + 1}.xml`] = `${HEAD}<chartsheet xmlns="${main}"/>`;
    else parts[`xl/worksheets/sheet${index + 1}.xml`] = whole(data, 'worksheet');
  });
  if (styles !== undefined) parts['xl/styles.xml'] = whole(styles, 'styleSheet');
  if (strings !== undefined) parts['xl/sharedStrings.xml'] = whole(strings, 'sst');
  return { ...parts, ...extra };
}
