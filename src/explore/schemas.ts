/** What a request may hold, field by field: whatever is not described here is refused before a handler sees it. */

import type { FastifySchema, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import { AGGREGATES, CHART_KINDS, FILES } from './requests.ts';

type Schema = Record<string, unknown>;

const text = (more: Schema = {}): Schema => ({ type: 'string', ...more });
const oneOf = (names: readonly string[]) => text({ enum: names });

/** An object with these fields and no other. */
const object = (fields: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties: fields,
});

const NOTHING = object({});
const ID = object({ id: text({ pattern: '^[a-z0-9-]{8,64}$' }) }, ['id']);
const SORT = { sort: text(), descending: oneOf(['true', 'false']) };
// Text, as everything in an address: nothing is turned into numbers on the way.
const COUNT = text({ pattern: '^[0-9]{1,12}$' });
const FORMAT = oneOf(Object.keys(FILES));
const KIND = oneOf(CHART_KINDS);
const AGGREGATE = oneOf(AGGREGATES);

export const PLAIN: FastifySchema = { querystring: NOTHING };
export const REPORT: FastifySchema = {
  querystring: NOTHING,
  params: object({ pass: text(), '*': text() }, ['pass', '*']),
};
export const SESSION: FastifySchema = { querystring: NOTHING, body: object({ token: text() }, ['token']) };
export const SAVE: FastifySchema = {
  querystring: NOTHING,
  body: object({ title: text({ minLength: 1, maxLength: 80 }), sql: text() }, ['title', 'sql']),
};
export const UNSAVE: FastifySchema = {
  querystring: NOTHING,
  params: object({ name: text({ pattern: '^[a-z0-9-]{1,60}$' }) }, ['name']),
};
export const ACTIVITY: FastifySchema = { querystring: object({ since: text({ maxLength: 64 }) }) };
export const QUERY: FastifySchema = { querystring: NOTHING, params: ID };
export const ANSWER: FastifySchema = {
  params: ID,
  querystring: object({ wait: text({ pattern: '^[0-9]{1,4}$' }) }),
};
export const RUN: FastifySchema = {
  ...ANSWER,
  body: object(
    {
      query: text(),
      values: { type: 'object', additionalProperties: text(), default: {} },
    },
    ['query'],
  ),
};
export const ROWS: FastifySchema = {
  params: ID,
  querystring: object({ start: COUNT, rows: COUNT, ...SORT }),
};
export const CHART: FastifySchema = {
  ...QUERY,
  body: object({ kind: KIND, x: text(), y: text({ nullable: true }), aggregate: AGGREGATE }, [
    'kind',
    'x',
    'y',
    'aggregate',
  ]),
};
export const TICKET: FastifySchema = { ...QUERY, body: NOTHING };
export const STOP: FastifySchema = TICKET;
export const FILE: FastifySchema = {
  params: ID,
  querystring: object({ format: FORMAT, ticket: text(), ...SORT }, ['format']),
};

/** How a server reads them: as they are written, without fixing what does not fit. */
export const VALIDATION: Pick<FastifyServerOptions, 'ajv' | 'schemaErrorFormatter'> = {
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  schemaErrorFormatter: (errors, part) => new Error(`${part}${inWords(errors[0]!)}`),
};

function inWords({ instancePath, message, params }: FastifySchemaValidationError): string {
  const { allowedValues, additionalProperty } = params as Record<string, string | string[] | undefined>;
  if (Array.isArray(allowedValues)) return `${instancePath} must be one of ${allowedValues.join(', ')}`;
  if (additionalProperty !== undefined) return `${instancePath} must not have "${additionalProperty}"`;
  return `${instancePath} ${message}`;
}
