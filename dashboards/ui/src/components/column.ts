import type { Key } from "$/i18n/index.svelte";

/** A column of a `DataTable`. */
export interface Column {
  key: string;
  label: Key;
  /** Right-aligned tabular figures. */
  number?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  /** Left out below 1500 px, where the columns that say why need the room. */
  roomy?: boolean;
  /** Cut below 1500 px. */
  shrink?: boolean;
  /** The API's sort key; the heading becomes a button. */
  sort?: string;
  /** Takes the room that is left and cuts what is too long. */
  grow?: boolean;
}
