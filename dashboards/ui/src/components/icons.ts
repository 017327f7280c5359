/** Outlines on a grid of 24, drawn with a stroke. */
export const PATHS = {
  overview: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  network: "M12 4v5M12 9H5.5v5M12 9h6.5v5M12 9v5M3.5 14h4v5h-4zM10 14h4v5h-4zM16.5 14h4v5h-4z",
  events: "M4 6h16M4 12h16M4 18h10",
  incidents: "M12 3.5 21 19.5H3ZM12 10v4.2M12 16.8v.2",
  drills: "M12 3a9 9 0 1 0 9 9M12 7.5a4.5 4.5 0 1 0 4.5 4.5M12 12l8-8M16.5 4.5V8H20",
  wall: "M3 5h18v11H3zM9 20h6M12 16v4",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20.5 20.5",
  close: "M6 6l12 12M18 6 6 18",
  chevron: "m8 10 4 4 4-4",
  back: "m14 6-6 6 6 6",
  forward: "m10 6 6 6-6 6",
  theme: "M12 4a8 8 0 1 0 0 16ZM12 4a8 8 0 0 1 0 16",
  user: "M12 4.5a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6ZM4.5 20c.8-4 3.8-5.6 7.5-5.6s6.7 1.6 7.5 5.6",
  unit: "M4 20V9l8-5 8 5v11M4 20h16M9.5 20v-6h5v6",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.5 1.500h-15ZM10 20.500h4",
  outage: "M4 12h4l2-5 3 10 2.5-5H20",
  change: "M5 8h12l-3-3M19 16H7l3 3",
  comment: "M4 5h16v11H10l-4 4v-4H4Z",
  state: "M5 12.500l4.5 4.500L19 7",
  system: "M4 5h16v6H4zM4 13h16v6H4zM8 8v.010M8 16v.010M12 8h5M12 16h5",
  table: "M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9",
} as const;

export type IconName = keyof typeof PATHS;
