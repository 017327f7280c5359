export type Theme = "auto" | "light" | "dark";

const STORED = "wardwatch.theme";

function stored(): Theme {
  const value = localStorage.getItem(STORED);
  return value === "light" || value === "dark" ? value : "auto";
}

/** The reader's theme; the wall always wears its own. Canvas drawings read `applied` so as to redraw on a change. */
class ThemeState {
  chosen = $state<Theme>(stored());
  applied = $state(document.documentElement.dataset["theme"] ?? "light");
  #system = matchMedia("(prefers-color-scheme: dark)");
  #wall = false;

  start(): () => void {
    const change = () => this.#apply();
    this.#system.addEventListener("change", change);
    return () => this.#system.removeEventListener("change", change);
  }

  choose(theme: Theme): void {
    this.chosen = theme;
    localStorage.setItem(STORED, theme);
    this.#apply();
  }

  wall(on: boolean): void {
    this.#wall = on;
    this.#apply();
  }

  #apply(): void {
    const own = this.chosen === "auto" ? (this.#system.matches ? "dark" : "light") : this.chosen;
    const applied = this.#wall ? "wall" : own;
    this.applied = applied;
    document.documentElement.dataset["theme"] = applied;
  }
}

export const theme = new ThemeState();
