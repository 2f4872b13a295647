import { launchChromium } from '/work/wt-reports/test/chromium.ts';
const b = await launchChromium();
for (const [scheme, width, y0, name] of [['light',1280,'#nal h3:nth-of-type(3)','rules'],['light',1280,'#nal [aria-label="Column profiles"]','cols'],['dark',390,'#nal [aria-label="Broken rules"]','rules'],['dark',390,'#nal [aria-label="Column profiles"]','cols']] as const) {
  const p = await b.newPage({ viewport: { width, height: 1100 }, colorScheme: scheme });
  await p.goto('file://' + process.argv[2]);
  await p.evaluate(() => { for (const d of document.querySelectorAll('details')) (d as any).open = true; });
  await p.evaluate((s) => document.querySelector(s)!.scrollIntoView(), y0);
  await p.screenshot({ path: `/tmp/rp/${name}-${width}.png` });
}
await b.close();
