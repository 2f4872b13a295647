/** What has been ingested, and the quality reports. */

import { useEffect, useState } from 'react';
import { count } from '../../src/formats.ts';
import { loadRuns, type ReportLine, type RunLine } from './api.ts';
import { errorOf } from './useQuery.ts';

/** `stored` changes when a run or a report has come, and the lists are loaded again. */
export function RunsView({ stored }: { stored: string }) {
  const [runs, setRuns] = useState<RunLine[] | null>(null);
  const [reports, setReports] = useState<(ReportLine & { address: string })[]>([]);
  const [unreadable, setUnreadable] = useState<string[]>([]);
  const [error, setError] = useState('');

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run is the reason to load again
  useEffect(() => {
    loadRuns().then(
      (answer) => {
        setRuns(answer.runs);
        setReports(answer.reports);
        setUnreadable(answer.unreadable);
      },
      (reason) => setError(errorOf(reason).message),
    );
  }, [stored]);

  return (
    <main className="runs">
      {error && (
        <div className="error" role="alert">
          {error}
        </div>
      )}
      <section>
        <h2>Quality reports</h2>
        {reports.length === 0 && <p className="hint">None yet: an ingest writes them.</p>}
        <ul className="reports">
          {reports.map(({ name, address, changedAt }) => (
            <li key={name}>
              <a href={address} target="_blank" rel="noopener noreferrer">
                {name.replace(/\.html$/, '')}
              </a>
              <small>{timeOf(changedAt)}</small>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Runs</h2>
        {unreadable.length > 0 && (
          <p className="hint">Left out, because they cannot be read: {unreadable.join(', ')}</p>
        )}
        {runs?.length === 0 && <p className="hint">None yet: make ingest COUNTY=broward</p>}
        {runs && runs.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
          <section className="scroller" tabIndex={0} aria-label="Runs">
            <table>
              <thead>
                <tr>
                  {['Finished', 'County', 'Roll', 'Year', 'Status', 'Verdict'].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                  {['Rows', 'Rejected', 'Seconds'].map((name) => (
                    <th key={name} scope="col" className="number">
                      {name}
                    </th>
                  ))}
                  <th scope="col">Note</th>
                </tr>
              </thead>
              <tbody>
                {runs.map((run) => (
                  <tr key={run.run}>
                    <td>{timeOf(run.finishedAt)}</td>
                    <td>{run.county}</td>
                    <td>{run.dataset.toUpperCase()}</td>
                    <td>{run.year}</td>
                    <td>{run.status}</td>
                    <td>
                      <span className={`verdict ${run.verdict}`}>{run.verdict}</span>
                    </td>
                    <td className="number">{count(run.rows)}</td>
                    <td className="number">{count(run.rejected)}</td>
                    <td className="number">{run.seconds.toFixed(1)}</td>
                    <td>{[run.sample ? 'sample' : '', run.reason ?? ''].filter(Boolean).join('; ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </section>
    </main>
  );
}

const timeOf = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
