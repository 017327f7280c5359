export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  undo: (() => void) | null;
}

const SHOWN_MS = 8000;

/** Short messages after an action, with an undo where there is one, instead of asking beforehand. */
class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #next = 1;

  say(text: string, options: { tone?: Toast["tone"]; undo?: () => void } = {}): void {
    const toast: Toast = { id: this.#next++, text, tone: options.tone ?? "plain", undo: options.undo ?? null };
    this.items = [...this.items, toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
