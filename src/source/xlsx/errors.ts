/** What makes a workbook unreadable. Bad cells are data and never this. */

/** The file is damaged, hostile or no workbook. The message names the part and reads on after "the workbook: ". */
export class XlsxError extends Error {
  override name = 'XlsxError';
}
