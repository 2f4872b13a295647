/** Steps: told to the person who waits, timed into the manifest of the run. */

import type { RunManifest } from './model.ts';
import type { Progress } from './progress.ts';
import type { StepName } from './stepList.ts';

/** Runs one step: prints it, times it, notes it in the manifest. */
export type Timed = <T>(step: StepName, work: (advance: (share: number) => void) => Promise<T>) => Promise<T>;

/** What names a roll to people. */
type Named = Pick<RunManifest, 'county' | 'dataset' | 'year'>;

export const label = ({ county, dataset, year }: Named) => `${county} ${dataset.toUpperCase()} ${year}`;

/** The most memory that the process has held so far. */
export const peakRssMb = () => Math.round(process.resourceUsage().maxRSS / 1024);

/** Times steps into `timings`. */
export function createTimer(progress: Progress, manifest: Named & Pick<RunManifest, 'timings'>): Timed {
  return async (step, work) => {
    const started = performance.now();
    progress.begin(`${label(manifest)} ${step}`);
    const result = await work((share) => progress.advance(share));
    const seconds = (performance.now() - started) / 1000;
    manifest.timings.push({ step, seconds: Number(seconds.toFixed(3)), peakRssMb: peakRssMb() });
    progress.end(`${seconds.toFixed(1)} s`);
    return result;
  };
}
