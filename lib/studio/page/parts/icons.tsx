const PATHS = {
  done: 'M5 12.5l4.5 4.5L19 7.5',
  failed: 'M7 7l10 10M17 7L7 17',
  running: 'M12 4a8 8 0 1 1-8 8',
  waiting: 'M12 7v5l3 2M12 3a9 9 0 1 0 .01 0z',
  stopped: 'M8 8h8v8H8z',
  again: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  caught: 'M5 6v6a4 4 0 0 0 4 4h10M15 12l4 4-4 4',
  search: 'M11 5a6 6 0 1 0 .01 0zM20 20l-4.5-4.5',
  sun: 'M12 8a4 4 0 1 0 .01 0zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M19 5l-1.4 1.4M6.4 17.6L5 19',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  next: 'M6 5l9 7-9 7zM18 5v14',
  bolt: 'M13 3L5 14h6l-1 7 8-11h-6z',
  branch: 'M7 4v16M7 9c0 5 10 2 10 7v4',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  list: 'M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01',
  graph: 'M9 4h6v5H9zM4 15h6v5H4zM14 15h6v5h-6zM12 9v3M7 15v-3h10v3',
  chevron: 'M9 6l6 6-6 6',
  back: 'M15 6l-6 6 6 6',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  close: 'M6 6l12 12M18 6L6 18',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  link: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  first: 'M18 6l-8 6 8 6zM6 6v12',
  last: 'M6 6l8 6-8 6zM18 6v12',
} as const;

export type IconName = keyof typeof PATHS;

/** A sign without meaning of its own: what it stands for is said in words beside it. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The same sign inside a picture. */
export function IconShape({ name, size }: { readonly name: IconName; readonly size: number }) {
  return <path class="icon-shape" d={PATHS[name]} transform={`scale(${size / 24})`} />;
}
