import type { RunManifest } from '../model.ts';
export function renderRunReport(manifests: RunManifest[]): string {
  return JSON.stringify(manifests);
}
