/** The rows of a result: scrolled, sorted, walked through by keys. */

import HighTable, { type OrderBy } from 'hightable';
import { useMemo, useState } from 'react';
import type { ResultInfo } from './api.ts';
import { isNumber } from './numbers.ts';
import { type ResultRows, textOf } from './rows.ts';
import 'hightable/src/HighTable.css';

interface Props {
  info: ResultInfo;
  rows: ResultRows;
  orderBy: OrderBy;
  onOrderBy(orderBy: OrderBy): void;
  onError(error: unknown): void;
}

export function Grid({ info, rows, orderBy, onOrderBy, onError }: Props) {
  const [cell, setCell] = useState({ colIndex: 1, rowIndex: 1 });
  const types = useMemo(() => info.columns.map(({ type }) => type), [info]);
  const columns = useMemo(
    () =>
      Object.fromEntries(
        info.columns.map(({ name, type }) => [
          name,
          {
            className: isNumber(type) ? 'number' : undefined,
            headerComponent: (
              <span className="column" title={`${name} ${type}`}>
                {name} <small>{shortType(type)}</small>
              </span>
            ),
          },
        ]),
      ),
    [info],
  );
  return (
    <div className="grid">
      <HighTable
        data={rows}
        focus={false}
        padding={4}
        overscan={10}
        orderBy={orderBy}
        onOrderByChange={onOrderBy}
        cellPosition={cell}
        onCellPositionChange={setCell}
        columnConfiguration={columns}
        onError={onError}
        renderCellContent={({ cell: value, col }) =>
          value?.value === null ? <i className="null">null</i> : textOf(value?.value, types[col] ?? '')
        }
      />
      <form
        className="jump"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = Number(new FormData(event.currentTarget).get('row'));
          const row = Math.min(Math.max(1, wanted || 1), rows.numRows);
          // The header is row 1 of the grid.
          setCell({ colIndex: cell.colIndex, rowIndex: row + 1 });
        }}
      >
        <label>
          Go to row <input name="row" type="number" min={1} max={rows.numRows} inputMode="numeric" />
        </label>
        <button type="submit">Go</button>
      </form>
    </div>
  );
}

const shortType = (type: string) => type.toLowerCase().replace(/\(.*/s, '');
