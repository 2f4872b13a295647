import { launchChromium } from '/work/wt-reports/test/chromium.ts';
const [,, file, name, open] = process.argv;
const b = await launchChromium();
for (const [scheme, width] of [['light',1280],['dark',390],['light',390],['dark',1280]] as const) {
  const p = await b.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  p.on('console', m => console.log('console', m.text()));
  await p.goto('file://' + file);
  if (open) await p.evaluate(() => { for (const d of document.querySelectorAll('details')) (d as any).open = true; });
  const w = await p.evaluate(() => [document.documentElement.scrollWidth, innerWidth, document.documentElement.scrollHeight]);
  console.log(scheme, width, w);
  await p.screenshot({ path: `/tmp/rp/${name}-${scheme}-${width}.png`, fullPage: true });
  await p.close();
}
await b.close();
