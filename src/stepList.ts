/** The steps of a roll's way in their order. Timings, progress and the picture of the data's path (docs/data-flow.svg) are called by these names. */

export interface StepNote {
  /** What it does to the roll. */
  does: string;
  /** Where its result is. */
  leaves: string;
  place: 'session' | 'lake' | 'target';
  /** Only when sales come without their parcels' file. */
  aside?: true;
}

export const STEPS = {
  read: { does: 'structure, encoding', leaves: 'clean text', place: 'session' },
  load: { does: 'text becomes typed columns', leaves: 'nal · sdf · nap', place: 'session' },
  validate: { does: 'rules select the bad rows', leaves: 'rejects', place: 'session' },
  reject: { does: 'line, text and reason of each', leaves: 'dead letters', place: 'lake' },
  stage: { does: 'normalize, enrich, row hash', leaves: 'staged Parquet', place: 'lake' },
  redact: { does: 'confidential in what was shown', leaves: 'runs, plans', place: 'lake' },
  profile: { does: 'fill, range, distribution', leaves: 'manifest', place: 'lake' },
  baseline: { does: 'like the last good rolls?', leaves: 'findings', place: 'lake' },
  enrich: { does: 'new sales for staged parcels', leaves: 'staged Parquet', place: 'lake', aside: true },
  plan: { does: 'target against staged rows', leaves: 'change set', place: 'lake' },
  push: { does: 'one transaction, verified', leaves: 'tables', place: 'target' },
  record: { does: 'what the target holds now', leaves: 'published', place: 'lake' },
} as const satisfies Record<string, StepNote>;

export type StepName = keyof typeof STEPS;
