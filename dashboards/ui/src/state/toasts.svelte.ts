export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  /** Takes back what the message tells of. */
  undo?: () => void;
}

const SHOWN_MS = 8000;

/** Short messages about what became of an action. */
class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #next = 1;

  say(text: string, tone: Toast["tone"] = "plain", undo?: () => void): void {
    const toast: Toast = { id: this.#next++, text, tone, ...(undo ? { undo } : {}) };
    this.items = [...this.items, toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  /** Takes back the newest that can be. */
  undo(): void {
    const toast = this.items.findLast((candidate) => candidate.undo);
    if (!toast) return;
    this.dismiss(toast.id);
    toast.undo?.();
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
