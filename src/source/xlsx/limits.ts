/** What a workbook may ask of us. Excel's own limits where it has some; everything else bounds time and memory. */

export interface XlsxLimits {
  /** Parts of the package. */
  entries: number;
  /** One part, inflated; a sheet of 1,048,576 rows of 165 columns has 4 GB. */
  partBytes: number;
  /** Parts that are read whole: workbook, relations, styles. */
  smallPartBytes: number;
  /** Inflated to packed, for parts above `ratioFrom` bytes. Sheets have 5 to 60; deflate cannot do more than 1032. */
  ratio: number;
  ratioFrom: number;
  /** One tag, attributes included. */
  tagBytes: number;
  /** Text of one row, and of one shared string. */
  rowBytes: number;
  columns: number;
  rows: number;
  /** Shared strings beyond this lie in a file. */
  stringsInMemory: number;
  /** Shared strings altogether: their offsets are 32 bits. */
  stringsBytes: number;
}

export const XLSX_LIMITS: XlsxLimits = {
  entries: 10_000,
  partBytes: 16 * 2 ** 30,
  smallPartBytes: 32 * 2 ** 20,
  ratio: 400,
  ratioFrom: 64 * 2 ** 20,
  tagBytes: 2 ** 20,
  rowBytes: 64 * 2 ** 20,
  columns: 16_384,
  rows: 1_048_576,
  stringsInMemory: 96 * 2 ** 20,
  stringsBytes: 2 ** 32 - 1,
};
