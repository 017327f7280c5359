import { api, must, type UnitView, type Wall } from "$/api/client";
import { Resource } from "$/live/resource.svelte";
import { live } from "$/live/stream.svelte";
import { ageOf, newest, type Age, type Newest } from "./age";
import { ticking } from "./clock.svelte";

/** Sparklines and totals move without any status changing. */
const REFRESH_MS = 60_000;

/** What every page shares: the wall's answer (with the age of the data) and the units to choose from. */
class City {
  readonly wall = new Resource<Wall>();
  readonly units = new Resource<UnitView[]>();
  #heard = $state.raw<Newest | null>(null);
  #age = $derived(ageOf(this.#newest(), this.wall.data?.freshness.poll_interval_s ?? 0, ticking.now));

  start(): () => void {
    this.wall.use((signal) => must(api.GET("/api/v1/wall", { signal })));
    this.units.use(async (signal) => {
      const page = await must(api.GET("/api/v1/units", { params: { query: { limit: 500 } }, signal }));
      return page.items;
    });
    const refresh = setInterval(() => !document.hidden && void this.wall.reload(), REFRESH_MS);
    const stops = [
      this.wall.watch({ topics: ["status", "incident", "alert_group", "parts"], pollMs: 15_000, everyMs: 5_000 }),
      live.on(["freshness"], (payload, at) => {
        const sample = payload["newest_sample_at"];
        if (typeof sample === "string" && at) this.#heard = newest(sample, at, new Date());
      }),
      () => clearInterval(refresh),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** The age of the newest measurement now. */
  get age(): Age {
    return this.#age;
  }

  /** The newest measurement that either the stream or the last answer told of. */
  #newest(): Newest | null {
    const freshness = this.wall.data?.freshness;
    const fetchedAt = this.wall.fetchedAt;
    const told =
      freshness?.newest_sample_at && fetchedAt ? newest(freshness.newest_sample_at, freshness.now, fetchedAt) : null;
    if (!told || !this.#heard) return told ?? this.#heard;
    return told.sampleMs > this.#heard.sampleMs ? told : this.#heard;
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
