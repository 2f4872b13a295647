/** The rows of a result: scrolled, sorted, walked through by keys. */

import HighTable, { type OrderBy } from 'hightable';
import { type FocusEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { CatalogTable, ColumnFacts, ResultInfo } from './api.ts';
import { fixAria } from './fixAria.ts';
import { grouped, isNumber, isQuantity } from './numbers.ts';
import { type ResultRows, textOf } from './rows.ts';
import 'hightable/src/HighTable.css';

interface Props {
  info: ResultInfo;
  rows: ResultRows;
  facts: Map<string, ColumnFacts>;
  orderBy: OrderBy;
  onOrderBy(orderBy: OrderBy): void;
  onError(error: unknown): void;
}

export function Grid({ info, rows, facts, orderBy, onOrderBy, onError }: Props) {
  const [cell, setCell] = useState({ colIndex: 1, rowIndex: 1 });
  const [whole, setWhole] = useState('');
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => fixAria(host.current!), []);
  const shapes = useMemo(
    () => info.columns.map(({ name, type }) => ({ type, quantity: isQuantity(name, type, facts.get(name)) })),
    [info, facts],
  );
  const columns = useMemo(
    () =>
      Object.fromEntries(
        info.columns.map(({ name, type }, at) => [
          name,
          {
            className: isNumber(type) ? 'number' : undefined,
            headerComponent: (
              <span className="column" title={headerTip(name, type, shapes[at]!.quantity, facts.get(name))}>
                {name} <small>{shortType(type)}</small>
              </span>
            ),
          },
        ]),
      ),
    [info, facts, shapes],
  );
  const shown = (value: unknown, at: number) => {
    const { type, quantity } = shapes[at] ?? { type: '', quantity: false };
    const text = textOf(value, type);
    return quantity ? grouped(text) : text;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only tells what its cells have no room for
    <div
      ref={host}
      className="grid"
      onMouseOver={tipWhereCut}
      onFocus={(event: FocusEvent<HTMLDivElement>) => setWhole(cutText(event.target) ?? '')}
    >
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
          value?.value === null ? <i className="null">null</i> : shown(value?.value, col)
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
        <output className="whole">{whole}</output>
        <label>
          Go to row <input name="row" type="number" min={1} max={rows.numRows} inputMode="numeric" />
        </label>
        <button type="submit">Go</button>
      </form>
    </div>
  );
}

/** What is known of columns by name, for results that have columns of the lake. */
export function factsByName(tables: CatalogTable[]): Map<string, ColumnFacts> {
  const facts = new Map<string, ColumnFacts>();
  for (const { columns } of tables)
    for (const column of columns) {
      if (column.dor.length > 0 && !facts.has(column.name)) facts.set(column.name, column);
    }
  return facts;
}

/** A column in words: type, DOR's name and meaning, and how its numbers are written. */
function headerTip(name: string, type: string, quantity: boolean, facts?: ColumnFacts): string {
  const lines = [`${name} ${type}`];
  if (facts) lines.push(`DOR: ${facts.dor.join(', ')}${facts.meaning ? `: ${facts.meaning}` : ''}`);
  if (facts?.unit) lines.push(facts.unit);
  if (isNumber(type))
    lines.push(
      quantity ? 'with thousands separators' : 'a code, a year or a number of something: no separators',
    );
  return lines.join('\n');
}

function tipWhereCut({ target }: MouseEvent<HTMLDivElement>): void {
  const cell = (target as Element).closest<HTMLElement>('td');
  const text = cell && cutText(cell);
  if (text) cell.title = text;
  else cell?.removeAttribute('title');
}

/** The text of a cell that has no room for it; null of others. */
function cutText(cell: Element): string | null {
  return cell.matches('td') && cell.scrollWidth > cell.clientWidth ? cell.textContent : null;
}

const shortType = (type: string) => type.toLowerCase().replace(/\(.*/s, '');
