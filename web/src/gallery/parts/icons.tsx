// The few icons, drawn as strokes in the color of the text around them.

const shapes = {
  menu: "M4 6h16M4 12h16M4 18h16",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M20 20l-4-4",
  close: "M6 6l12 12M18 6L6 18",
  star: "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.500 9.700l5.900-.8z",
  chevron: "M9 6l6 6-6 6",
  down: "M6 9l6 6 6-6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 3",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  folder: "M3 6h6l2 2h10v11H3z",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M5 20c1-4 4-5 7-5s6 1 7 5",
  save: "M12 4v11M7 11l5 5 5-5M4 20h16",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  plus: "M12 5v14M5 12h14",
  outside: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  data: "M4 6c0-2 16-2 16 0v12c0 2-16 2-16 0zM4 6c0 2 16 2 16 0M4 12c0 2 16 2 16 0",
  chart: "M4 20h16M7 16v-4M12 16V6M17 16v-7",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
} as const;

export type IconName = keyof typeof shapes;

/** An icon is decoration: the control around it has a name. */
export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg className={filled ? "icon-svg filled" : "icon-svg"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
