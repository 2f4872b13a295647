import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerFailures } from '../../src/explore/failures.ts';
import { newDoor } from '../../src/explore/guard.ts';
import type { Results } from '../../src/explore/results.ts';
import { Issued } from '../../src/explore/secrets.ts';
import { furnish, newServer } from '../../src/explore/server.ts';
import { dataPaths } from '../../src/lake/paths.ts';
import { type Explorer, json, put, startExplorer } from './explorer.ts';
import { raw, rawGet } from './raw.ts';

let explorer: Explorer;
beforeAll(async () => {
  explorer = await startExplorer(['liberty']);
});
afterAll(async () => {
  await explorer?.stop();
});

/** What needs no session: the page's own files, which hold no data, and where the token is given. */
const OPEN = ['GET /', 'HEAD /', 'HEAD,GET /assets/*', 'POST /api/session'];

/** Words of the lake, its tables, saved queries and reports: none may reach whoever has no session. */
const SECRETS = /liberty|dor_sales|top-holders|"run"|<h1/;

describe('an address is denied however it is spelled', () => {
  const API = ['catalog', 'saved', 'runs', 'activity', 'queries/some-query-1', 'queries/some-query-1/rows'];
  const hex = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;
  const spellings = (first: string, path: string) => [
    `/${first}/${path}`,
    `/${hex(first)}${first.slice(1)}/${path}`,
    `/${[...first].map(hex).join('')}/${path}`,
    `/%25${hex(first).slice(1)}${first.slice(1)}/${path}`,
    `/${first[0]}${hex(first[1]!)}${first.slice(2).toUpperCase()}/${path}`,
    `/${first.toUpperCase()}/${path}`,
    `/${first}%2f${path}`,
    `/${first}%2F${path}`,
    `/%2f${first}/${path}`,
    `//${first}/${path}`,
    `///${first}//${path}`,
    `/./${first}/${path}`,
    `/x/../${first}/${path}`,
    `/x/%2e%2e/${first}/${path}`,
    `/assets/../${first}/${path}`,
    `/assets/%2e%2e/${first}/${path}`,
    `/;/${first}/${path}`,
    `/${first};x=1/${path}`,
    `/${first}/${path};x=1`,
    `/${first}/${path}/`,
    `/${first}/${path}?x=1`,
    `/${first}/${path}#x`,
    `/${first}/${path}%00`,
    `/${first}/session/../${path}`,
    `/${first}/session%2f..%2f${path}`,
    `\\${first}\\${path}`,
    `${first}/${path}`,
    `${explorer.base}/${first}/${path}`,
    `${explorer.base}/${hex(first)}${first.slice(1)}/${path}`,
    `http://elsewhere.example/${first}/${path}`,
    `https://${new URL(explorer.base).host}/${first}/${path}`,
    `/%zz/${first}/${path}`,
  ];

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY'])(
    '%s',
    async (method) => {
      const targets = [
        ...API.flatMap((path) => spellings('api', path)),
        ...spellings('reports', 'liberty-2025.html'),
        ...spellings('reports', 'liberty-2025.json'),
      ];
      const open = [];
      for (const target of targets) {
        const { status, body } = await rawGet(explorer.base, target, [], method);
        if ((status > 0 && status < 400) || SECRETS.test(body)) open.push(`${target} ${status}`);
      }
      expect(open).toEqual([]);
    },
  );

  test.each([
    [
      'an upgrade',
      ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='],
    ],
    ['HTTP/2 in clear', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAA=']],
    [
      'an address in another header',
      ['X-Original-URL: /', 'X-Rewrite-URL: /', 'X-HTTP-Method-Override: OPTIONS'],
    ],
    [
      'names of a proxy',
      ['X-Forwarded-Host: 127.0.0.1', 'X-Forwarded-For: 127.0.0.1', 'Forwarded: host=localhost'],
    ],
    ['a cookie of another name', ['Cookie: dor_1=x; dor=x']],
    ['an empty cookie and key', [`Cookie: dor_=; =`, 'X-Dor-Session:']],
  ])('%s opens nothing', async (_what, headers) => {
    const { status, body } = await rawGet(explorer.base, '/api/saved', headers);
    expect(status).toBe(401);
    expect(body).not.toMatch(SECRETS);
  });

  test('a wrong name, two names, no name', async () => {
    const ask = async (version: string, ...hosts: string[]) =>
      (await raw(explorer.base, [`GET / ${version}`, ...hosts.map((host) => `Host: ${host}`)])).status;
    const { host, port } = new URL(explorer.base);
    expect(await ask('HTTP/1.1', host)).toBe(200);
    for (const other of [
      // May be somebody else's, on [::1], to the same browser.
      `localhost:${port}`,
      `evil.example:${port}`,
      `127.0.0.1`,
      `127.0.0.1:${port}.evil.example`,
      `127.1:${port}`,
      `[::1]:${port}`,
      `${host}@evil.example`,
      `${host}/`,
      ` `,
    ])
      expect([other, await ask('HTTP/1.1', other)]).toEqual([other, 421]);
    expect(await ask('HTTP/1.1')).toBe(400);
    expect(await ask('HTTP/1.0')).toBe(421);
    expect(await ask('HTTP/1.1', `evil.example`, host)).not.toBe(200);
  });

  test('requests that two readers would cut at different places are refused', async () => {
    const { host } = new URL(explorer.base);
    const smuggled = 'GET /api/saved HTTP/1.1\r\n\r\n';
    for (const headers of [
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Transfer-Encoding: xchunked'],
      ['Transfer-Encoding : chunked'],
      ['Content-Length: +5'],
    ]) {
      const { status } = await raw(
        explorer.base,
        ['POST /api/session HTTP/1.1', `Host: ${host}`, ...headers],
        `0\r\n\r\n${smuggled}`,
      );
      expect([headers, status]).toEqual([headers, 400]);
    }
  });

  test('who comes from elsewhere gets no more than the page', async () => {
    const ask = async (path: string, site: string, mode: string, dest: string, method = 'GET') =>
      (
        await rawGet(
          explorer.base,
          path,
          [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`],
          method,
        )
      ).status;
    expect(await ask('/', 'cross-site', 'navigate', 'document')).toBe(200);
    expect(await ask('/', 'none', 'navigate', 'document')).toBe(200);
    // Another server of this machine is the same site to a browser, but not the same origin.
    for (const site of ['cross-site', 'same-site', 'odd']) {
      expect(await ask('/', site, 'navigate', 'iframe')).toBe(403);
      expect(await ask('/', site, 'no-cors', 'script')).toBe(403);
      expect(await ask('/', site, 'cors', 'empty')).toBe(403);
      expect(await ask('/api/session', site, 'navigate', 'document', 'POST')).toBe(403);
      expect(await ask('/api/saved', site, 'navigate', 'document')).toBe(401);
    }
  });

  test('every answer has the headers that keep others out, also where there is no route', async () => {
    for (const [target, status] of [
      ['/', 200],
      ['/nothing', 401],
      ['/api/saved', 401],
      ['/assets/nothing.js', 401],
      ['/%zz', 400],
    ] as const) {
      const answer = await rawGet(explorer.base, target);
      expect([target, answer.status]).toEqual([target, status]);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

describe('every route of the server', () => {
  /** A server in this process, so that its routes can be counted. `more` adds to them. */
  async function routesOf(more: (server: FastifyInstance) => void = () => {}) {
    const routes: RouteOptions[] = [];
    const server = newServer();
    server.addHook('onRoute', (route) => {
      routes.push(route);
    });
    const door = newDoor(() => ['127.0.0.1:1']);
    await furnish(server, {} as Results, dataPaths(explorer.data), door);
    more(server);
    await server.ready();
    return { server, routes };
  }
  const denied = async (server: FastifyInstance, { method, url }: RouteOptions) => {
    const answers = [];
    for (const one of [method].flat() as 'GET'[]) {
      const path = url.replace(':id', 'some-query-1').replace(':pass', 'x').replace('*', 'some-file');
      const { statusCode } = await server.inject({
        method: one,
        url: path,
        headers: { host: '127.0.0.1:1' },
      });
      answers.push(statusCode === 401);
    }
    return answers.every(Boolean);
  };

  test('needs the session unless it is declared open, and few are', async () => {
    const { server, routes } = await routesOf((one) => {
      one.get('/new', () => 'secret');
      one.register(async (scope) => {
        scope.post('/api/deeper', () => 'secret');
      });
    });
    const open = [];
    for (const route of routes) if (!(await denied(server, route))) open.push(`${route.method} ${route.url}`);
    expect(routes.length).toBeGreaterThan(14);
    expect(open.map((one) => one.replace(/\/assets\/[\w-]{16}\//, '/assets/')).sort()).toEqual(OPEN);
    await server.close();
  });

  test('says what it takes: address, parameters, body, and nothing else', async () => {
    const { server, routes } = await routesOf();
    const loose = routes
      .filter(({ url }) => !url.startsWith('/assets/'))
      .filter(({ method, url, schema }) => {
        const closed = (part: unknown) =>
          (part as { additionalProperties?: unknown })?.additionalProperties === false;
        const withBody = ['POST', 'PUT', 'PATCH'].includes(String(method));
        return (
          !closed(schema?.querystring) ||
          (/[:*]/.test(url) && !closed(schema?.params)) ||
          (withBody && !closed(schema?.body))
        );
      })
      .map(({ method, url }) => `${method} ${url}`);
    expect(loose).toEqual([]);
    await server.close();
  });
});

describe('reports', () => {
  const NAMES = [
    'ä ü.html',
    '100%.html',
    '100%25.html',
    'a%2Fb.html',
    'a#b?c.html',
    'x;y=1.html',
    `"quote'.html`,
    'runs/deep.html',
    '..html',
    '...html',
    '<b>.html',
  ];
  const folder = () => join(explorer.data, 'reports');

  /** Names and addresses, as the page is told them. */
  const listed = async () =>
    new Map<string, string>(
      (await json(explorer, '/api/runs')).reports.map((one: { name: string; address: string }) => [
        one.name,
        one.address,
      ]),
    );

  test('of any name are listed and served', async () => {
    mkdirSync(join(folder(), 'runs'), { recursive: true });
    for (const name of NAMES) writeFileSync(join(folder(), name), `<h1>${name}`);
    const all = await listed();
    for (const name of NAMES) {
      const { status, body } = await rawGet(explorer.base, all.get(name) ?? '');
      expect([name, status]).toEqual([name, 200]);
      expect(Buffer.from(body, 'latin1').toString()).toContain(`<h1>${name}`);
      rmSync(join(folder(), name));
    }
  });

  test('that are links, folders or other files are not', async () => {
    writeFileSync(join(explorer.data, 'outside.html'), 'outside');
    symlinkSync(join(explorer.data, 'outside.html'), join(folder(), 'link.html'));
    symlinkSync(explorer.data, join(folder(), 'linked'));
    mkdirSync(join(folder(), 'folder.html'));
    const all = await listed();
    expect([...all.keys()]).toEqual(['liberty-2025.html']);
    const start = all.get('liberty-2025.html')!.replace('liberty-2025.html', '');
    for (const target of [
      'link.html',
      'linked/outside.html',
      'folder.html',
      'folder.html/',
      '',
      '.',
      'liberty-2025.json',
      'liberty-2025.html/',
      'liberty-2025.html%00',
      '%2e%2e/outside.html',
      '..%2foutside.html',
      'runs/../../outside.html',
      '..%5coutside.html',
      `%2f${explorer.data.slice(1)}/outside.html`,
    ]) {
      const { status, body } = await rawGet(explorer.base, `${start}${target}`, explorer.session());
      expect([target, status]).toEqual([target, 404]);
      expect(body).not.toContain('outside');
    }
  });

  test('open with the pass of this server alone, and the pass opens nothing else', async () => {
    const address = (await listed()).get('liberty-2025.html')!;
    const pass = address.split('/')[2]!;
    const tab = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'];
    expect((await rawGet(explorer.base, address, tab)).status).toBe(200);
    for (const other of [
      'x',
      pass.slice(1),
      `${pass}x`,
      pass.toLowerCase(),
      '%00',
      `${pass}%00`,
      `${pass};`,
    ]) {
      const target = address.replace(pass, other);
      const { status, headers, body } = await rawGet(explorer.base, target, [...tab, ...explorer.session()]);
      expect([target, status]).toEqual([target, 401]);
      // A person reads it in the tab.
      expect([headers['content-type'], body]).toEqual([
        expect.stringMatching(/^text\/plain/),
        expect.stringMatching(/^Open the address/),
      ]);
    }
    for (const headers of [`X-Dor-Session: ${pass}`, `Cookie: dor=${pass}`, `Authorization: Bearer ${pass}`])
      expect((await rawGet(explorer.base, `/api/saved?pass=${pass}`, [headers])).status).toBe(401);
    for (const [site, mode, dest] of [
      ['cross-site', 'no-cors', 'image'],
      ['cross-site', 'navigate', 'iframe'],
      ['same-site', 'cors', 'empty'],
    ]) {
      const from = [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`];
      expect((await rawGet(explorer.base, address, from)).status).toBe(403);
    }
  });
});

describe('sessions', () => {
  const token = () => explorer.address.split('#')[1]!;
  const open = (given: unknown) =>
    fetch(`${explorer.base}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: given }),
    });
  const saved = async (headers: Record<string, string>) =>
    (await fetch(`${explorer.base}/api/saved`, { headers })).status;

  test('are issued for the token, each its own; there is no cookie that another port could receive', async () => {
    const [one, two] = await Promise.all([open(token()), open(token())]);
    expect([one.headers.get('set-cookie'), two.headers.get('set-cookie')]).toEqual([null, null]);
    const [a, b] = [await one.json(), await two.json()].map(
      (answer) => (answer as { session: string }).session,
    );
    expect(new Set([a, b, token()]).size).toBe(3);
    expect(a).toMatch(/^[\w-]{43}$/);
    for (const session of [a!, b!]) expect(await saved({ 'x-dor-session': session })).toBe(200);
    // What is not in the header is not looked at, and the token is no session.
    for (const session of [a!, token()])
      for (const header of ['cookie', 'authorization'])
        expect(
          await saved({
            [header]:
              header === 'cookie' ? `dor.session=${session}; x-dor-session=${session}` : `Bearer ${session}`,
          }),
        ).toBe(401);
    expect(await saved({ 'x-dor-session': token() })).toBe(401);
  });

  test.each(['', 'x', 'x'.repeat(43), 'ä'.repeat(43), '\0'])('are not issued for %j', async (given) => {
    const answer = await open(given);
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain('session"');
  });

  test.each(['', 'x', 'x'.repeat(43), 'undefined', '[object Object]', ', '])(
    '%j is none',
    async (session) => {
      expect(await saved({ 'x-dor-session': session })).toBe(401);
    },
  );

  test('more than a page can use are given up, the longest unused first', () => {
    const issued = new Issued(3);
    const [first, second, third] = [issued.issue(), issued.issue(), issued.issue()];
    expect(issued.knows(first)).toBe(true);
    const fourth = issued.issue();
    expect([first, second, third, fourth].map((one) => issued.knows(one))).toEqual([true, false, true, true]);
  });

  test('a ticket saves the file of one result, once, within a minute', async () => {
    await put(explorer, 'ticket-one-1', 'select 1 as a');
    await put(explorer, 'ticket-two-2', 'select 2 as a');
    const { ticket } = await json(explorer, '/api/queries/ticket-one-1/ticket', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const from = async (path: string) =>
      (await fetch(`${explorer.base}/api/queries/${path}ticket=${ticket}`)).status;
    expect(await from('ticket-two-2/file?format=csv&')).toBe(401);
    expect(await from('ticket-one-1/rows?')).toBe(401);
    expect(await from('ticket-one-1?')).toBe(401);
    expect(await from('ticket-one-1/file?format=csv&ticket=x&')).toBe(401);
    expect(await from('ticket-one-1/file?format=csv&')).toBe(200);
    expect(await from('ticket-one-1/file?format=csv&')).toBe(401);
    let now = 0;
    const tickets = new Issued(10, 60_000, () => now);
    const [early, late] = [tickets.issue('a'), tickets.issue('a')];
    now = 59_999;
    expect(tickets.take(early, 'a')).toBe(true);
    now = 60_001;
    expect(tickets.take(late, 'a')).toBe(false);
  });
});

describe('what a request may hold', () => {
  const INJECTION = `sum(1)::double from range(1); copy (select 1) to '%'; select max`;
  const files = () => {
    const lake = join(explorer.data, 'lake');
    return readdirSync(lake, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('tmp/') && statSync(join(lake, name)).isFile())
      .map(
        (name) =>
          `${name} ${createHash('sha256')
            .update(readFileSync(join(lake, name)))
            .digest('hex')}`,
      )
      .sort();
  };
  const id = 'some-result-1';
  const target = () => join(explorer.data, 'lake/staged/dor_sales/county=liberty/year=2025/data.parquet');
  const injection = () => INJECTION.replace('%', target());
  const send = async (path: string, method: string, body?: string, type = 'application/json') => {
    const response = await explorer.ask(path, {
      method,
      body,
      headers: body === undefined ? {} : { 'content-type': type },
    });
    return { status: response.status, text: await response.text() };
  };
  const CHART = { kind: 'bar', x: 'n', y: 'n', aggregate: 'max' };

  beforeAll(async () => {
    await put(explorer, id, 'select range as n from range(10)');
  });

  test('SQL in any field of any route is refused, and no file of the lake changes', async () => {
    const before = files();
    const text = injection();
    const encoded = encodeURIComponent(text);
    const answers = [];
    for (const field of Object.keys(CHART))
      answers.push(
        await send(`/api/queries/${id}/chart`, 'POST', JSON.stringify({ ...CHART, [field]: text })),
      );
    for (const field of ['start', 'rows', 'sort'])
      answers.push(await send(`/api/queries/${id}/rows?${field}=${encoded}`, 'GET'));
    answers.push(await send(`/api/queries/${id}/rows?sort=n&descending=${encoded}`, 'GET'));
    for (const query of [
      `format=${encoded}`,
      `format=csv&sort=${encoded}`,
      `format=csv&sort=n&descending=${encoded}`,
    ])
      answers.push(await send(`/api/queries/${id}/file?${query}`, 'GET'));
    for (const path of [encoded, `${encoded}/rows`, `${encoded}/file?format=csv`])
      answers.push(await send(`/api/queries/${path}`, 'GET'));
    answers.push(await send(`/api/queries/${encoded}`, 'DELETE'));
    answers.push(await send(`/api/queries/${encoded}`, 'PUT', '{"query":"select 1"}'));
    answers.push(await send(`/api/queries/${encoded}/chart`, 'POST', JSON.stringify(CHART)));
    answers.push(await send('/api/queries/another-1', 'PUT', JSON.stringify({ query: text })));
    answers.push(
      await send(
        '/api/queries/another-2',
        'PUT',
        JSON.stringify({ query: 'select $a', values: { [text]: 'x' } }),
      ),
    );
    for (const path of ['catalog', 'saved', 'runs', 'activity'])
      answers.push(await send(`/api/${path}?x=${encoded}`, 'GET'));
    answers.push(await send('/api/session', 'POST', JSON.stringify({ token: text, more: text })));
    // 414: longer than any id may be.
    expect(answers.map(({ status }) => (status === 414 ? 400 : status))).toEqual(answers.map(() => 400));
    expect(files()).toEqual(before);
  });

  test.each([
    ['nothing', undefined],
    ['an empty body', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a list of them', `[${JSON.stringify(CHART)}]`],
    ['a text', '"x"'],
    ['a number', '1'],
    ['half of it', '{"kind":'],
    ['a prototype', '{"__proto__": {"kind": "bar"}, "x": "n", "y": null, "aggregate": "sum"}'],
    [
      'a constructor',
      '{"constructor": {"prototype": {"a": 1}}, "kind": "bar", "x": "n", "y": null, "aggregate": "sum"}',
    ],
    ['lists in fields', '{"kind": ["bar"], "x": ["n"], "y": null, "aggregate": ["sum"]}'],
    ['numbers in fields', '{"kind": "bar", "x": 1, "y": 1, "aggregate": "sum"}'],
    ['one field more', '{"kind": "bar", "x": "n", "y": null, "aggregate": "sum", "more": 1}'],
    ['one field less', '{"kind": "bar", "x": "n", "aggregate": "sum"}'],
    ['other letters', '{"kind": "BAR", "x": "n", "y": null, "aggregate": "Sum"}'],
    ['deep nesting', '['.repeat(50_000)],
  ])('%s as a body is refused in plain words', async (_what, body) => {
    for (const [path, method] of [
      [`/api/queries/${id}/chart`, 'POST'],
      ['/api/queries/another-3', 'PUT'],
      ['/api/session', 'POST'],
    ] as const) {
      const { status, text } = await send(path, method, body);
      expect([path, status]).toEqual([
        path,
        path === '/api/session' && body && body.length > 1024 ? 413 : 400,
      ]);
      expect(JSON.parse(text).message).toMatch(/\w/);
      expect(text).not.toMatch(/node_modules|\bat \w+ \(|\/work|\/home|\/tmp/);
    }
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'x',
    'application/json, text/plain',
  ])('a body of type %s is refused', async (type) => {
    for (const [path, method] of [
      [`/api/queries/${id}/chart`, 'POST'],
      ['/api/queries/another-4', 'PUT'],
      ['/api/session', 'POST'],
    ] as const) {
      const { status, text } = await send(path, method, JSON.stringify(CHART), type);
      expect([path, status]).toEqual([path, 415]);
      expect(JSON.parse(text).message).toMatch(/\w/);
    }
  });

  test('a huge one is refused', async () => {
    const query = JSON.stringify({ query: `select '${'x'.repeat(2 << 20)}'` });
    expect((await send('/api/queries/another-5', 'PUT', query)).status).toBe(413);
    expect((await send('/api/session', 'POST', JSON.stringify({ token: 'x'.repeat(5000) }))).status).toBe(
      413,
    );
  });

  test('odd texts in a query fail as queries do', async () => {
    for (const query of [
      '',
      ' ',
      '\0',
      'select 1\0',
      "select '\ud800'",
      ';',
      '--',
      '\u202e',
      'select '.repeat(50_000),
    ]) {
      const answer = await put(explorer, `odd-${Math.random().toString(36).slice(2, 12)}`, query);
      expect([query.slice(0, 20), answer.status < 500]).toEqual([query.slice(0, 20), true]);
    }
  });

  test('errors do not say where the lake lies', async () => {
    const broken = join(explorer.data, 'lake/staged/dor_sales/county=liberty/year=2025');
    for (const query of [
      `from read_parquet('${broken}/manifest.json')`,
      `from read_csv('${broken}/nothing.csv')`,
    ]) {
      const answer = await put(explorer, `path-${Math.random().toString(36).slice(2, 12)}`, query);
      expect(answer.status).toBe(400);
      expect(`${answer.message} ${answer.remedy}`).not.toContain(explorer.data);
    }
  });

  test('a bug is told to the terminal, not to the page', async () => {
    const told: unknown[] = [];
    const server = newServer();
    answerFailures(server, dataPaths(explorer.data), (error) => {
      told.push(error);
    });
    server.get('/', () => {
      throw new TypeError(`cannot read ${explorer.data}`);
    });
    const answer = await server.inject('/');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      message: 'The server failed to answer',
      remedy: 'the terminal where dor explore runs says why',
    });
    expect(told).toHaveLength(1);
  });
});

/** A connection that asks for a file many times at once, takes nothing and goes. */
function askAndGo(path: string, times: number): Promise<void> {
  const { hostname, port, host } = new URL(explorer.base);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(times));
      setTimeout(() => socket.destroy(), 200);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

test('answers that nobody takes keep no file open', async () => {
  const [asset] = /\/assets\/[^"]+\.js/.exec(await (await fetch(explorer.base)).text())!;
  const open = () => readdirSync(`/proc/${explorer.pid()}/fd`).length;
  const before = open();
  await Promise.all(Array.from({ length: 5 }, () => askAndGo(asset, 100)));
  await expect.poll(open, { timeout: 20_000 }).toBeLessThan(before + 20);
});

test('files of the page have another address at each start', async () => {
  const [address, name] = /\/assets\/[\w-]{16}\/([^"]+\.js)/.exec(await (await fetch(explorer.base)).text())!;
  expect((await fetch(`${explorer.base}${address}`)).status).toBe(200);
  expect((await fetch(`${explorer.base}/assets/${name}`)).status).toBe(401);
});
