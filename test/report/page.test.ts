import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunManifest } from '../../src/model.ts';
import { renderRunReport } from '../../src/report/page.ts';
import { dataFolder, ingest } from '../workspace.ts';

async function sampleRun(): Promise<{ manifests: RunManifest[]; page: string }> {
  const data = dataFolder();
  const { result } = await ingest(data, ['broward', '--no-push']);
  return { manifests: result.manifests, page: readFileSync(join(data, 'reports/broward-2025.html'), 'utf8') };
}

test('the page stands alone, is small, and says verdict, ledger, rules, columns, times', async () => {
  const { manifests, page } = await sampleRun();
  expect(page.length).toBeLessThan(1_000_000);
  expect(page).not.toMatch(/<script|<link|src=|url\(|https?:\/\//);
  expect(page).toMatch(/WARN – staged in the lake, not pushed/);
  expect(page).toContain('Balances: records in = accepted + rejected + copies.');
  expect(page).toContain('<td class="n">2,501</td>');
  expect(page).toContain('N06');
  expect(page).toContain(manifests[1]!.source.sha256);
  expect(page).toContain('just_value');
  expect((page.match(/<h2/g) ?? []).length).toBe(3);
});

test('nothing in a roll can break the page', async () => {
  const { manifests } = await sampleRun();
  const evil = '</td><script>alert(1)</script>" onload="x';
  const hostile = structuredClone(manifests);
  hostile[1]!.source.file = evil;
  hostile[1]!.reason = evil;
  hostile[1]!.rules[5]!.rows = 1;
  hostile[1]!.rules[5]!.samples = [{ [evil]: evil }];
  hostile[1]!.columns[0]!.max = evil;
  const page = renderRunReport(hostile);
  expect(page).not.toContain('<script');
  expect(page).not.toContain('" onload="');
  expect(page).toContain('&lt;script&gt;');
});

test('a stopped run says why and what to do; an open ledger does not claim to balance', async () => {
  const { manifests } = await sampleRun();
  const stopped = {
    ...manifests[0]!,
    status: 'stopped',
    verdict: 'fail',
    reason: 'F12 too many',
    remedy: 'mend it',
  } as RunManifest;
  stopped.ledger = { ...stopped.ledger, balanced: false };
  const page = renderRunReport([stopped]);
  expect(page).toMatch(/FAIL – stopped before anything was changed/);
  expect(page).toContain('F12 too many');
  expect(page).toContain('What to do: mend it');
  expect(page).toContain('Does not balance');
});
