/** What a roll is: all in which the three differ for those who work on any of them. */

import type { Dataset } from './model.ts';

/** Sales first: parcels take their latest sales from them. */
export const DATASETS: readonly Dataset[] = ['sdf', 'nal', 'nap'];

interface Roll {
  /** Its table, in the lake and in Postgres alike. */
  table: string;
  /** As a page calls it. */
  label: string;
  /** What its rows are, behind a number. */
  rows: string;
  /**
   * What names a row inside its county and roll year: as columns of the file, as they are loaded, and as they are staged
   * and published. The first is the parcel or account, of which more than one record may tell.
   */
  keys: { file: string[]; loaded: string[]; staged: string[] };
  /** The rule that counts later copies of a key. */
  duplicateRule: string;
  /** Column of the file that names the submission. */
  submission: string;
  /** Whether its records have owners, and so may say that they are confidential. */
  hasOwners: boolean;
}

export const ROLLS: Record<Dataset, Roll> = {
  nal: {
    table: 'dor_properties',
    label: 'Real property (NAL)',
    rows: 'parcels',
    keys: { file: ['PARCEL_ID'], loaded: ['parcel_id'], staged: ['parcel_id'] },
    duplicateRule: 'N01',
    submission: 'RS_ID',
    hasOwners: true,
  },
  sdf: {
    table: 'dor_sales',
    label: 'Sales (SDF)',
    rows: 'sales',
    keys: {
      file: ['PARCEL_ID', 'SALE_ID_CD'],
      loaded: ['parcel_id', 'sale_id_cd'],
      staged: ['parcel_id', 'sale_id'],
    },
    duplicateRule: 'S01',
    submission: 'RS_ID',
    hasOwners: false,
  },
  nap: {
    table: 'dor_tangible',
    label: 'Tangible personal property (NAP)',
    rows: 'accounts',
    keys: { file: ['ACCT_ID'], loaded: ['acct_id'], staged: ['account_id'] },
    duplicateRule: 'P01',
    submission: 'TS_ID',
    hasOwners: true,
  },
};
