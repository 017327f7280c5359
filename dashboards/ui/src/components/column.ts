import type { Key } from "$/i18n/index.svelte";

/** A column of a `DataTable`. */
export interface Column {
  key: string;
  label: Key;
  /** Right-aligned tabular figures. */
  number?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  /** The API's sort key; the heading becomes a button. */
  sort?: string;
  /** Takes the room that is left and cuts what is too long. */
  grow?: boolean;
}
