// Shapes that the page's JSDoc names. Only the type checker reads this file.

/** Left, top, width, height. */
export type Box = [number, number, number, number];

/** A camera: straight lines from key to key, as docs/format.md has it. */
export interface Keys {
  /** of the source, rising */
  frame: number[];
  /** canvas px per source px */
  scale: number[];
  /** centre of the source minus centre of the cell, canvas px */
  x_px: number[];
  y_px: number[];
}
/** A camera at one frame. */
export interface Pose {
  scale: number;
  x_px: number;
  y_px: number;
}
export interface Cell {
  cell_px: Box;
  subject: string | null;
  keys: Keys;
}
export interface Shot {
  number: number;
  /** of the shot's parts, from 1 */
  part: number;
  first_frame: number;
  /** the last one that is seen */
  last_frame: number;
  setup: number;
  layout: string;
  effect: string;
  who: string[];
  why: string;
  /** 0 to 1 */
  confidence: number | null;
  badges: string[];
  /** what was wanted and could not be done */
  unmet: string[];
  background: string;
  edited: boolean;
  /** places, in the list of corrections that it was planned with, of those that hold for it */
  corrections: number[];
  /** the same as entries, filled in by the page */
  entries: Entry[];
  cells: Cell[];
  /** the camera without what was done by hand; null where that is the camera itself */
  auto_cells: Cell[] | null;
}
export interface Shape {
  ratio: string;
  canvas_px: [number, number];
  etag: string;
  shots: Shot[];
}
export interface MovieRow {
  id: string;
  name: string;
  shapes: string[];
  duration_s?: number;
  shots?: number;
  worth_a_look?: number;
  edited?: number;
  state: "waiting" | "analysing" | "ready" | "failed";
  stage: string;
  percent: number;
  error: Trouble | null;
}
export interface Person {
  name: string;
  frame: number;
}
export interface Delivery {
  name: string;
  title: string;
  /** those that are best given this one */
  editors: string[];
  import_hint: string;
}
export interface Movie {
  id: string;
  name: string;
  /** frames per second: numerator, denominator */
  rate: [number, number];
  frame_count: number;
  size_px: [number, number];
  proxy: { url: string; size_px: [number, number]; frames: number[] | null };
  shapes: { ratio: string; canvas_px: [number, number] }[];
  people: Person[];
  has_sound: boolean;
  /** an editor's cut: its shots are its clips */
  is_cut?: boolean;
  layouts: string[];
  deliveries: Delivery[];
}
/** Somebody or something that was seen, at the frames that were looked at. */
export interface Subject {
  id: string;
  name: string;
  kind: string;
  label: string;
  frames: number[];
  boxes_px: Box[];
}
export interface Turn {
  name: string;
  first_frame: number;
  last_frame: number;
}
export type Scope = "shot" | "onward" | "setup";

/** A key as the file of overrides has it. */
export interface PlacedKey {
  frame?: number;
  at?: string | number;
  /** shares of the picture's width and height */
  center: [number, number];
  zoom?: number;
}
/** One entry of the file of overrides, as docs/overrides.md has it. */
export interface Entry {
  /** its number in the file, from 1; null until it is saved */
  entry: number | null;
  shot?: number;
  /** the shot that has it, or first frame and frame after the last */
  frame?: number | number[];
  from?: string | number;
  to?: string | number;
  setup?: boolean;
  ratio?: string;
  cell?: number;
  subject?: string;
  subject_at?: { frame?: number; at?: string | number; box: Box };
  center?: [number, number];
  zoom?: number;
  layout?: string;
  fit?: boolean;
  hold?: boolean;
  keys?: PlacedKey[];
  background?: string;
  note?: string;
  split?: boolean;
  merge?: boolean;
}
/** What one action changes of an entry; null takes a field away. */
export type Change = { [K in keyof Entry]?: Entry[K] | null };
/** What a person has decided, and what the cameras are with it. Never changed in place: undo goes back to an older one. */
export interface Decisions {
  corrections: Entry[];
  shapes: Record<string, Shape>;
  /** with which corrections the shots of a shape were planned */
  planned: Record<string, Entry[]>;
}
export interface Draft {
  corrections: Entry[];
  etag: string;
  saved: boolean;
  /** name of the file of overrides */
  file: string;
  told: string[];
}
export type Saving = "saved" | "draft" | "writing" | "unsaved" | "conflict";

export interface State {
  movies: MovieRow[];
  movie: Movie | null;
  now: Decisions;
  past: Decisions[];
  future: Decisions[];
  /** the draft as the server last had it: what a shape that it tells was planned with */
  base: Entry[];
  baseEtag: string;
  ratio: string;
  /** all shapes side by side */
  together: boolean;
  /** the frame that is wanted; the video follows */
  frame: number;
  playing: boolean;
  /** the cell whose crop the keyboard moves */
  cell: number;
  /** a crop while it is dragged */
  pull: { cell: number; crop: Box } | null;
  /** frames of the keys that are chosen in the timeline, in that cell */
  chosen: number[];
  path: "x" | "y" | "zoom";
  worth: boolean;
  scope: Scope;
  allShapes: boolean;
  guides: boolean;
  subjects: Subject[];
  turns: Turn[];
  saving: Saving;
  saved: boolean;
  told: string[];
}
export interface Trouble {
  what: string;
  why: string;
  fix: string;
}
/** How far a delivery is. */
export interface Progress {
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  stage: string;
  done: number;
  total: number;
  eta_s: number | null;
  files?: string[];
  /** by shape */
  verdict?: Record<string, string>;
  /** addresses, one for each verdict */
  pages?: string[];
  /** formats that cannot hold it, with the reason, by shape */
  refused?: Record<string, Record<string, string>>;
  error: Trouble | null;
}
