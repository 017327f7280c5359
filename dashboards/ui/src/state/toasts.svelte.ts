export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
}

const SHOWN_MS = 8000;

/** Short messages about what became of an action. */
class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #next = 1;

  say(text: string, tone: Toast["tone"] = "plain"): void {
    const toast: Toast = { id: this.#next++, text, tone };
    this.items = [...this.items, toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
