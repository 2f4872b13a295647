/** What identifiers were before Excel made numbers of them: told by those of their column that it left as texts. */

/** Identifiers in hexadecimal, and their width: among them are some that Excel reads as numbers with an exponent. */
const HEXADECIMAL: [RegExp, number][] = [
  [/^MP_ID$/, 8],
  [/^(RS|TS)_ID$/, 4],
];
/** Those that other files refer to, and that have one width in a county whose identifiers are numbers. */
const REFERRED = /^(PARCEL_ID|ACCT_ID)$/;

const ZERO = 48;
const NINE = 57;

/** What the identifiers of a column look like where Excel left them as texts. */
export interface IdTexts {
  count: number;
  /** Characters. */
  least: number;
  most: number;
  /** True at each place where one of them has a letter. */
  letters: boolean[];
}

/** The identifiers of one column, as they come. */
export class IdColumn {
  private numbers = 0;
  private readonly texts: IdTexts = { count: 0, least: Number.POSITIVE_INFINITY, most: 0, letters: [] };
  /** Digits of numbers whose zeros are not known. */
  private digits: [least: number, most: number] | null = null;
  private readonly known: IdTexts | null;

  /** @param learnt what a pass over the same rows taught about the column. */
  constructor(
    readonly name: string,
    learnt: IdTexts | undefined,
  ) {
    const width = HEXADECIMAL.find(([pattern]) => pattern.test(name))?.[1];
    this.known = width ? hexadecimal(width) : (learnt ?? null);
  }

  /** Takes note of a text; what is not of letters and digits alone is no identifier that Excel could have typed. */
  noteText(bytes: Buffer, start: number, end: number): void {
    const { texts } = this;
    for (let at = start; at < end; at++) if (!isAlphanumeric(bytes[at]!)) return;
    texts.count++;
    texts.least = Math.min(texts.least, end - start);
    texts.most = Math.max(texts.most, end - start);
    for (let at = start; at < end; at++) if (bytes[at]! > NINE) texts.letters[at - start] = true;
  }

  /** What the texts tell about the numbers; undefined without either, or when they are too few for so many numbers. */
  get learnt(): IdTexts | undefined {
    const { count } = this.texts;
    return !this.known && this.numbers > 0 && count > 0 && 100 * count >= this.numbers
      ? this.texts
      : undefined;
  }

  /** The identifier that became this number, or why nobody can tell; null when only its zeros are not known. */
  restore(digits: string): { id: string } | { fault: string } | null {
    this.numbers++;
    const spelling = this.known && withExponent(digits, this.known);
    if (spelling) return { fault: `, which Excel may have made of ${spelling}` };
    if (!this.known || digits.length > this.known.most) {
      const [least, most] = this.digits ?? [digits.length, digits.length];
      this.digits = [Math.min(least, digits.length), Math.max(most, digits.length)];
      return null;
    }
    const { least, most } = this.known;
    if (least === most || digits.length === most) return { id: digits.padStart(most, '0') };
    return { fault: `: others are texts of ${least} to ${most} characters, so lost zeros cannot be known` };
  }

  /** Numbers of different widths in a column that identifies rows: zeros may be lost, and rows would be others. */
  get uncertain(): string | null {
    if (!this.digits || this.digits[0] === this.digits[1] || !REFERRED.test(this.name)) return null;
    return `${this.name} (${this.digits[0]} to ${this.digits[1]} digits)`;
  }
}

function hexadecimal(width: number): IdTexts {
  return { count: 1, least: width, most: width, letters: Array<boolean>(width).fill(true) };
}

/** The identifier of full width, with an E where others have letters, that Excel reads as this number: 000837E2 for 83700. */
function withExponent(digits: string, { most, letters }: IdTexts): string | null {
  const significant = digits.replace(/0+$/, '').length;
  for (let power = digits.length - significant; power >= 0; power--) {
    const mantissa = digits.slice(0, digits.length - power) || '0';
    for (let place = most - 1 - String(power).length; place >= mantissa.length; place--) {
      if (!letters[place]) continue;
      return `${mantissa.padStart(place, '0')}E${String(power).padStart(most - place - 1, '0')}`;
    }
  }
  return null;
}

const isAlphanumeric = (byte: number) =>
  (byte >= ZERO && byte <= NINE) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
