import type { IconName } from "$/components/icons";
import type { Key } from "$/i18n/index.svelte";

export interface Job {
  href: string;
  icon: IconName;
  label: Key;
  keys: string;
}

/** The jobs of the left bar; each is here only once it can be done. */
export const JOBS: readonly Job[] = [
  { href: "/", icon: "overview", label: "nav.overview", keys: "g o" },
  { href: "/devices", icon: "network", label: "nav.network", keys: "g n" },
  { href: "/inbox", icon: "bell", label: "nav.alerts", keys: "g a" },
  { href: "/incidents", icon: "incidents", label: "nav.incidents", keys: "g i" },
  { href: "/events", icon: "events", label: "nav.events", keys: "g e" },
  { href: "/drills", icon: "drills", label: "nav.drills", keys: "g d" },
  { href: "/system", icon: "system", label: "nav.admin", keys: "g s" },
];

/** Pages of a job that have keys of their own. */
export const PAGES: readonly Job[] = [
  { href: "/inbox/suppressions", icon: "bell", label: "suppress.title", keys: "g u" },
  { href: "/services", icon: "network", label: "services.title", keys: "g v" },
  { href: "/topology", icon: "network", label: "topology.title", keys: "g t" },
  { href: "/flows", icon: "network", label: "flows.title", keys: "g r" },
  { href: "/discovery", icon: "network", label: "discovery.title", keys: "g f" },
  { href: "/system/ledger", icon: "system", label: "ledger.title", keys: "g l" },
  { href: "/rules", icon: "system", label: "rules.title", keys: "g k" },
  { href: "/system/notifications", icon: "system", label: "notify.title", keys: "g m" },
];

export const WALL: Job = { href: "/wall", icon: "wall", label: "nav.wall", keys: "g w" };
