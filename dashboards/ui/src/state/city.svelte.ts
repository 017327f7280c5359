import { api, must, type Freshness, type UnitView, type Wall } from "$/api/client";
import { Resource } from "$/live/resource.svelte";
import { ticking } from "./clock.svelte";

/** What every page shares: the wall's answer (with the age of the data) and the units to choose from. */
class City {
  readonly wall = new Resource<Wall>();
  readonly units = new Resource<UnitView[]>();

  start(): () => void {
    this.wall.use((signal) => must(api.GET("/api/v1/wall", { signal })));
    this.units.use(async (signal) => {
      const page = await must(api.GET("/api/v1/units", { params: { query: { limit: 500 } }, signal }));
      return page.items;
    });
    return this.wall.watch({ topics: ["status", "incident", "freshness"], pollMs: 15_000 });
  }

  unit(id: string | undefined): UnitView | null {
    return id ? (this.units.data?.find((unit) => unit.id === id) ?? null) : null;
  }

  /** Ids of a unit and everything under it. */
  subtree(root: string): Set<string> {
    const found = new Set([root]);
    for (let grown = true; grown; ) {
      grown = false;
      for (const unit of this.units.data ?? []) {
        if (unit.parent && found.has(unit.parent) && !found.has(unit.id)) grown = !!found.add(unit.id);
      }
    }
    return found;
  }
}

export const city = new City();

export interface Age {
  /** Seconds since the newest sample; null when there has never been one. */
  seconds: number | null;
  stale: boolean;
}

/** The age of the newest sample now, by the server's clock: it goes on growing while nothing is heard. */
export function ageOf(freshness: Freshness | undefined, fetchedAt: Date | null): Age {
  if (!freshness || !fetchedAt || !freshness.newest_sample_at) return { seconds: null, stale: true };
  const skew = new Date(freshness.now).getTime() - fetchedAt.getTime();
  const seconds = Math.max(0, (ticking.now.getTime() + skew - new Date(freshness.newest_sample_at).getTime()) / 1000);
  return { seconds, stale: seconds > 2 * freshness.poll_interval_s };
}
