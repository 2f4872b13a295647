/** What one check found. */

export interface Diagnosis {
  check: string;
  /** `unknown`: could not be looked at, which is never said to be fine. */
  status: 'ok' | 'warn' | 'fail' | 'unknown';
  detail: string;
  remedy: string | null;
}

export const ok = (check: string, detail: string): Diagnosis => ({
  check,
  status: 'ok',
  detail,
  remedy: null,
});
export const warn = (check: string, detail: string, remedy: string): Diagnosis => ({
  ...{ check, status: 'warn', detail, remedy },
});
export const fail = (check: string, detail: string, remedy: string): Diagnosis => ({
  ...{ check, status: 'fail', detail, remedy },
});
export const unknown = (check: string, detail: string, remedy: string): Diagnosis => ({
  ...{ check, status: 'unknown', detail, remedy },
});
