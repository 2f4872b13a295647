/** The elements of sheets and string tables, told by their bytes. */

/** Elements that mean something, by local name; every other is 0. */
export const ELEMENT = {
  c: 1,
  v: 2,
  t: 3,
  r: 4,
  f: 5,
  is: 6,
  si: 7,
  row: 8,
  sst: 9,
  sheetData: 10,
  worksheet: 11,
};

/** Which of them a name in data[start, end) is. */
export function elementAt(data: Buffer, start: number, end: number): number {
  const first = data[start];
  switch (end - start) {
    case 1:
      if (first === 99) return ELEMENT.c;
      if (first === 118) return ELEMENT.v;
      if (first === 116) return ELEMENT.t;
      if (first === 114) return ELEMENT.r;
      return first === 102 ? ELEMENT.f : 0;
    case 2:
      if (data[start + 1] === 115 && first === 105) return ELEMENT.is;
      return data[start + 1] === 105 && first === 115 ? ELEMENT.si : 0;
    case 3:
      if (first === 114) return data[start + 1] === 111 && data[start + 2] === 119 ? ELEMENT.row : 0;
      return first === 115 && data[start + 1] === 115 && data[start + 2] === 116 ? ELEMENT.sst : 0;
    case 9: {
      if (first !== 115 && first !== 119) return 0;
      const name = data.toString('latin1', start, end);
      return name === 'sheetData' ? ELEMENT.sheetData : name === 'worksheet' ? ELEMENT.worksheet : 0;
    }
    default:
      return 0;
  }
}
