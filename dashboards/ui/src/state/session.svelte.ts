import { api, must, onUnauthorised, type Session } from "$/api/client";
import { Problem } from "$/api/problem";

const SIGNED_IN = "wardwatch.signed-in";

export type SessionState = "unknown" | "in" | "out" | "unreachable";

/** Who is logged in. The cookie is the server's; a mark beside it spares a request that could only be refused. */
class SessionHolder {
  state = $state<SessionState>("unknown");
  who = $state.raw<Session | null>(null);

  async start(): Promise<void> {
    onUnauthorised(() => this.#forget());
    if (!localStorage.getItem(SIGNED_IN)) {
      this.state = "out";
      return;
    }
    try {
      this.#hold(await must(api.GET("/api/v1/session")));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.#forget();
      else this.state = "unreachable";
    }
  }

  async logIn(username: string, password: string): Promise<void> {
    this.#hold(await must(api.POST("/api/v1/session", { body: { username, password } })));
  }

  async logOut(): Promise<void> {
    try {
      await must(api.DELETE("/api/v1/session"));
    } finally {
      this.#forget();
    }
  }

  /** Whether the person holds one of the roles anywhere; an administrator holds them all. */
  may(...roles: Session["roles"]): boolean {
    return this.who?.roles.some((role) => role === "administrator" || roles.includes(role)) ?? false;
  }

  #hold(session: Session): void {
    this.who = session;
    this.state = "in";
    localStorage.setItem(SIGNED_IN, "1");
  }

  #forget(): void {
    this.who = null;
    this.state = "out";
    localStorage.removeItem(SIGNED_IN);
  }
}

export const session = new SessionHolder();
