import type { Component } from "svelte";
import type { Key } from "$/i18n/index.svelte";

type Page = Component<{ id: string }> | Component;

export interface Route {
  pattern: RegExp;
  title: Key;
  /** Pages come in chunks of their own, so that the wall does not wait for the graphs. */
  load: () => Promise<{ default: Page }>;
}

export const WALL_PATH = "/wall";

export const ROUTES: readonly Route[] = [
  { pattern: /^\/$/, title: "nav.overview", load: () => import("$/pages/wall/OverviewPage.svelte") },
  { pattern: /^\/wall$/, title: "nav.wall", load: () => import("$/pages/wall/WallPage.svelte") },
  { pattern: /^\/devices$/, title: "devices.title", load: () => import("$/pages/devices/DevicesPage.svelte") },
  { pattern: /^\/devices\/([^/]+)$/, title: "devices.title", load: () => import("$/pages/devices/DevicePage.svelte") },
  { pattern: /^\/discovery$/, title: "discovery.title", load: () => import("$/pages/discovery/DiscoveryPage.svelte") },
  { pattern: /^\/services$/, title: "services.title", load: () => import("$/pages/services/ServicesPage.svelte") },
  { pattern: /^\/topology$/, title: "topology.title", load: () => import("$/pages/topology/TopologyPage.svelte") },
  { pattern: /^\/flows$/, title: "flows.title", load: () => import("$/pages/flows/FlowsPage.svelte") },
  { pattern: /^\/events$/, title: "events.title", load: () => import("$/pages/events/EventsPage.svelte") },
  { pattern: /^\/inbox$/, title: "inbox.title", load: () => import("$/pages/inbox/InboxPage.svelte") },
  { pattern: /^\/inbox\/suppressions$/, title: "suppress.title", load: () => import("$/pages/inbox/SuppressionsPage.svelte") },
  { pattern: /^\/incidents$/, title: "incidents.title", load: () => import("$/pages/incidents/IncidentsPage.svelte") },
  { pattern: /^\/incidents\/([^/]+)$/, title: "incidents.title", load: () => import("$/pages/incidents/IncidentPage.svelte") },
  { pattern: /^\/drills$/, title: "nav.drills", load: () => import("$/pages/drills/DrillsPage.svelte") },
  { pattern: /^\/drills\/([^/]+)$/, title: "nav.drills", load: () => import("$/pages/drills/DrillPage.svelte") },
  { pattern: /^\/units\/([^/]+)$/, title: "unit.title", load: () => import("$/pages/units/UnitPage.svelte") },
  { pattern: /^\/rules$/, title: "rules.title", load: () => import("$/pages/rules/RulesPage.svelte") },
  { pattern: /^\/system\/ledger$/, title: "ledger.title", load: () => import("$/pages/ledger/LedgerPage.svelte") },
  { pattern: /^\/system\/notifications$/, title: "notify.title", load: () => import("$/pages/notifications/NotificationsPage.svelte") },
  { pattern: /^\/system$/, title: "system.title", load: () => import("$/pages/system/SystemPage.svelte") },
];

export interface Match {
  route: Route;
  id: string;
}

export function match(path: string): Match | null {
  for (const route of ROUTES) {
    const found = route.pattern.exec(path);
    if (found) return { route, id: decodeURIComponent(found[1] ?? "") };
  }
  return null;
}
