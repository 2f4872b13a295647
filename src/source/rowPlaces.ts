/** Where the records of a spooled workbook stand: kept as runs, because rows nearly always follow each other. */

export interface RowPlace {
  sheet: string;
  row: number;
}

export class RowPlaces {
  /** Ordinal, sheet and row of the first record of each run. */
  private readonly firsts: number[] = [];
  private readonly sheets: string[] = [];
  private readonly rows: number[] = [];
  private count = 0;
  private sheet = '';
  private nextRow = -1;

  /** Adds the next record. */
  add(sheet: string, row: number): void {
    if (sheet !== this.sheet || row !== this.nextRow) {
      this.firsts.push(this.count);
      this.sheets.push(sheet);
      this.rows.push(row);
      this.sheet = sheet;
    }
    this.count++;
    this.nextRow = row + 1;
  }

  /** Place of a record by its 0-based ordinal. */
  find(ordinal: number): RowPlace {
    let low = 0;
    let high = this.firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firsts[middle]! <= ordinal) low = middle;
      else high = middle - 1;
    }
    return { sheet: this.sheets[low]!, row: this.rows[low]! + ordinal - this.firsts[low]! };
  }
}
