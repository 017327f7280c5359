import { untrack } from "svelte";
import type { Key } from "$/i18n/index.svelte";

export interface Binding {
  /** A key (`j`, `/`, `Enter`) or two in a row (`g d`). */
  keys: string;
  label: Key;
  run: () => void;
}

const SEQUENCE_MS = 1200;

/** Which keys do what now: the pages on screen register theirs, and `?` lists them. */
class Keys {
  bindings = $state.raw<readonly Binding[]>([]);
  #prefix = "";
  #prefixAt = 0;

  start(): () => void {
    const press = (event: KeyboardEvent) => this.#press(event);
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }

  /** Adds bindings until the returned function is called; the newest of equal keys wins. For use in an effect, which
   * must not come to depend on what others bind. */
  bind(bindings: readonly Binding[]): () => void {
    this.bindings = [...untrack(() => this.bindings), ...bindings];
    return () => (this.bindings = untrack(() => this.bindings).filter((binding) => !bindings.includes(binding)));
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) return;
    const pressed = event.key;
    const prefix = event.timeStamp - this.#prefixAt < SEQUENCE_MS ? this.#prefix : "";
    const sequence = prefix ? `${prefix} ${pressed}` : pressed;
    const binding = this.bindings.findLast((candidate) => candidate.keys === sequence);
    const begins = this.bindings.some((candidate) => candidate.keys.startsWith(`${sequence} `));
    this.#prefix = begins ? sequence : "";
    this.#prefixAt = event.timeStamp;
    if (!binding) return;
    event.preventDefault();
    binding.run();
  }
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export const keys = new Keys();
