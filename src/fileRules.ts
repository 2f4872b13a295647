/** What can be wrong with a file as a whole, each said with its own message. What does not say otherwise refuses the file. */

export const FILE_RULES = {
  F01: 'it cannot be opened: damaged, hostile, empty, or no kind of file that holds a roll',
  F02: 'its header is none of a NAL, SDF or NAP, or not one that can be trusted',
  F03: 'warning: it has columns that no roll has, kept as text, or has them in another order',
  F04: 'rejects the row: a record with another number of fields than the header, or with bad quotes',
  F05: 'warning: bytes that are no UTF-8 were read as Windows-1252',
  F06: 'it was cut off or damaged on the way: its last line has no end, or it holds NUL bytes',
  F07: 'county or year are none, not those that were asked for, or mixed; a few strays are a warning',
  F08: 'warning: its name says another roll, county or year than its rows',
  F09: 'it has a header and no rows',
  F10: "stops the run: the roll is far off the county's last good ones",
  F11: 'warning: twice as many of its rows have warnings as of the last accepted file',
  F12: 'stops the run: more of its rows are rejected than are allowed, or all',
  F13: 'warning: numbers in columns of text, which have lost their leading zeros; refused where identifiers have',
  F14: 'rejects the row: a cell that Excel made something else of, such as a date or an error value',
  F15: 'warning: sheets or rows above the header that were left out',
} as const;

export type FileRule = keyof typeof FILE_RULES;
