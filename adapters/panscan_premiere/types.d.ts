// Shapes that the panel's JSDoc names. Only the type checker reads this file.
import type { premierepro } from "@adobe/premierepro";

export type Host = premierepro;

export interface Curve {
  ticks: string[];
}
export interface PositionCurve extends Curve {
  x: number[];
  y: number[];
}
export interface ScaleCurve extends Curve {
  percent: number[];
}
export interface CropCurve extends Curve {
  left: number[];
  top: number[];
  right: number[];
  bottom: number[];
}
export interface PlanLayer {
  subject: string | null;
  position: PositionCurve;
  scale: ScaleCurve;
  crop: CropCurve | null;
}
export interface PlanClip {
  id: string;
  name: string;
  file: string;
  source_px: [number, number];
  layout: string;
  effect: string;
  media_start_ticks: string;
  in_ticks: string;
  out_ticks: string;
  start_ticks: string;
  frame_ticks: string;
  still?: boolean;
  layers: PlanLayer[];
}
export interface Plan {
  format: string;
  version: number;
  id: string;
  name: string;
  canvas_px: [number, number];
  rate: [number, number];
  clips: PlanClip[];
}

/** One clip of the sequence as it was read; ticks as numbers, exact for nine hours and to a picosecond beyond. */
export interface Item {
  track: number;
  index: number;
  name: string;
  file: string;
  inTicks: number;
  outTicks: number;
  startTicks: number;
  endTicks: number;
  reversed: boolean;
}
/** Clips that lie on top of each other and show the same frames: one per cell of a split layout. */
export interface Stack {
  clip: PlanClip;
  items: Item[];
  clockTicks: number;
  trimmed: boolean;
  byName: boolean;
}
/** What is done to a parameter, in this order: old keys out, values in, lines between them. */
export type Step = "clear" | "values" | "lines";
export type Status = "done" | "missing" | "failed" | "left";
export interface ClipReport {
  id: string;
  name: string;
  status: Status;
  /** of Position and Scale; 0 where both hold still */
  keys: number;
  notes: string[];
}
export interface Report {
  sequence: string;
  cancelled: boolean;
  clips: ClipReport[];
}
export interface ApplyOptions {
  mode: "copy" | "update";
  onProgress?: (done: number, total: number, name: string) => void;
  isCancelled?: () => boolean;
}
export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  stage: string;
  done: number;
  total: number;
  error: { what: string; why: string; fix: string } | null;
}
