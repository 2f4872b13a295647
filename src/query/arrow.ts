/** Query results as an Arrow IPC stream, one record batch per chunk of rows. */

import {
  DuckDBDateValue,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  Field,
  Float64,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { namesForFile } from './columnsInFiles.ts';
import { cellText } from './spelling.ts';
import type { Chunk } from './textFormats.ts';

/** Cells of one record batch: DuckDB's own chunks of 2,048 rows are small for a reader, and many columns make them large. */
const BATCH_CELLS = 400_000;

/** Whole numbers of 64 bits at most, booleans, dates and doubles keep their type; all else travels as its text, what is nested as JSON. */
function arrowType(id: DuckDBTypeId): DataType {
  switch (id) {
    case DuckDBTypeId.BOOLEAN:
      return new Bool();
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
      return new Int16();
    case DuckDBTypeId.INTEGER:
      return new Int32();
    case DuckDBTypeId.BIGINT:
      return new Int64();
    case DuckDBTypeId.UTINYINT:
      return new Uint8();
    case DuckDBTypeId.USMALLINT:
      return new Uint16();
    case DuckDBTypeId.UINTEGER:
      return new Uint32();
    case DuckDBTypeId.UBIGINT:
      return new Uint64();
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return new Float64();
    case DuckDBTypeId.DATE:
      return new DateDay();
    default:
      return new Utf8();
  }
}

/** Yields the stream's bytes batch by batch, of `limit` rows at most. */
export async function* arrowChunks(
  result: DuckDBResult,
  {
    names = namesForFile(result.columnNames()),
    limit = Number.POSITIVE_INFINITY,
  }: { names?: string[]; limit?: number } = {},
): AsyncGenerator<Chunk> {
  const sources = result.columnTypes();
  const types = sources.map((type) => arrowType(type.typeId));
  const schema = new Schema(names.map((name, index) => new Field(name, types[index]!, true)));
  const batchRows = Math.max(2048, Math.floor(BATCH_CELLS / names.length));
  const writer = new RecordBatchStreamWriter();
  const bytes = writer[Symbol.asyncIterator]();
  let rows = 0;
  let cut = false;
  let columns: DuckDBValue[][] = types.map(() => []);
  const flush = () => {
    writer.write(toBatch(schema, sources, columns));
    columns = types.map(() => []);
  };
  const produced = (async () => {
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      chunk.appendToColumns(columns);
      rows += chunk.rowCount;
      cut = rows > limit;
      if (cut) {
        columns = columns.map((values) => values.slice(0, values.length - (rows - limit)));
        rows = limit;
        break;
      }
      if (columns[0]!.length >= batchRows) flush();
    }
    flush();
    writer.finish();
  })();
  // A query that fails on the way fails here, and does not leave the reader waiting for more.
  produced.catch((error) => writer.abort(error));
  for (let next = await bytes.next(); !next.done; next = await bytes.next()) {
    yield { bytes: next.value as Uint8Array, rows, cut: false };
  }
  await produced;
  yield { bytes: new Uint8Array(0), rows, cut };
}

function toBatch(schema: Schema, sources: DuckDBType[], columns: DuckDBValue[][]): RecordBatch {
  const length = columns[0]?.length ?? 0;
  const children = columns.map((values, index) => {
    const type: DataType = schema.fields[index]!.type;
    const days = type instanceof DateDay;
    const [data] = vectorFromArray(
      values.map((value) => toArrow(value, type, sources[index]!)),
      days ? new Int32() : type,
    ).data;
    if (!days) return data!;
    const { values: numbers, nullBitmap, nullCount } = data as Data<Int32>;
    return makeData({ type: new DateDay(), length, nullCount, nullBitmap, data: numbers });
  });
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

function toArrow(value: DuckDBValue, type: DataType, source: DuckDBType): unknown {
  if (value === null) return null;
  // Days, not milliseconds: JavaScript's own dates end in the year 275760, the engine's do not.
  if (value instanceof DuckDBDateValue) return value.days;
  if (!(type instanceof Utf8)) return value;
  return cellText(value, source);
}
