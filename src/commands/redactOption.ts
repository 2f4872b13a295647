/** `--redact` of the commands that show changes. */
export const REDACT = {
  type: 'string',
  array: true,
  default: [] as string[],
  describe: 'columns whose values are not shown (default: DOR_REDACT)',
} as const;
