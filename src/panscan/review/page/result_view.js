// @ts-check

/**
 * The result: the picture that is on the screen, drawn through the crops, cell by cell. One shape, or all side by side;
 * all from the one video, so they share its clock.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").Box} Box
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Shape} Shape
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 */

import { cropAt, shotIndexAt } from "./camera.js";
import { element, part } from "./dom.js";
import { differ, sizeOf } from "./selectors.js";

const MOST_PX = 1280; // of a canvas' longer side: a proxy shows no more
const BLUR_PX = 48; // of the source: the renderer's sigma, 6 px in a copy that is 8 times smaller
const SAFE = [0.9, 0.8]; // action and title, shares of each side: what televisions and players may cover lies outside

/** @typedef {CanvasRenderingContext2D} Context */

/** The part of a crop that has a picture, and where it lies in the cell.
 * @param {Box} crop @param {Box} cell canvas px @param {[number, number]} size @returns {[Box, Box]} */
export function visiblePart([left, top, width, height], cell, size) {
  const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
  const [right, bottom] = [Math.min(left + width, size[0]), Math.min(top + height, size[1])];
  const [across, down] = [cell[2] / width, cell[3] / height];
  return [
    [x, y, right - x, bottom - y],
    [cell[0] + (x - left) * across, cell[1] + (y - top) * down, (right - x) * across, (bottom - y) * down],
  ];
}

/** The whole picture, large enough to cover a cell, blurred. Wider first: a blur fades where its picture ends.
 * @param {Context} context @param {HTMLVideoElement} video @param {Box} cell @param {[number, number]} size */
function blur(context, video, [x, y, width, height], size) {
  const scale = Math.max(width / size[0], height / size[1]);
  const sigma = BLUR_PX * scale;
  context.filter = "blur(" + sigma * context.getTransform().a + "px)"; // which counts px of the screen
  for (const more of [4 * sigma, 0]) {
    const [w, h] = [size[0] * scale + more, size[1] * scale + more];
    context.drawImage(video, x + (width - w) / 2, y + (height - h) / 2, w, h);
  }
  context.filter = "none";
}

/** A colour, or a gradient from the top to the bottom of the canvas; black under all that is drawn later.
 * @param {Context} context @param {string} background @param {number} height canvas px */
function fillOf(context, background, height) {
  const [upper, lower] = background.split(":");
  if (!upper.startsWith("#")) return "black";
  if (lower === undefined) return upper;
  const gradient = context.createLinearGradient(0, 0, 0, height);
  gradient.addColorStop(0, upper);
  gradient.addColorStop(1, lower);
  return gradient;
}

/** @param {Context} context @param {HTMLVideoElement} video @param {Shot} shot @param {Cell} cell @param {Box} crop
 * @param {[number, number]} size */
function drawCell(context, video, shot, cell, crop, size) {
  const [from, to] = visiblePart(crop, cell.cell_px, size);
  const proxy = [video.videoWidth / size[0], video.videoHeight / size[1]];
  context.save();
  context.beginPath();
  context.rect(...cell.cell_px);
  context.clip();
  context.fillRect(...cell.cell_px);
  const isFull = to[2] >= cell.cell_px[2] - 1 && to[3] >= cell.cell_px[3] - 1;
  if (shot.background === "blur" && !isFull) blur(context, video, cell.cell_px, size);
  if (from[2] > 0 && from[3] > 0) {
    context.drawImage(video, from[0] * proxy[0], from[1] * proxy[1], from[2] * proxy[0], from[3] * proxy[1], ...to);
  }
  context.restore();
}

/** @param {Context} context @param {[number, number]} canvas px */
function drawGuides(context, [width, height]) {
  context.strokeStyle = "rgb(255 255 255 / 70%)";
  context.lineWidth = 2;
  for (const share of SAFE) {
    context.strokeRect((width * (1 - share)) / 2, (height * (1 - share)) / 2, width * share, height * share);
  }
}

/** @param {HTMLCanvasElement} canvas @param {HTMLVideoElement} video @param {State} state @param {Shape} shape
 * @param {number} frame */
function drawShape(canvas, video, state, shape, frame) {
  const context = canvas.getContext("2d");
  const shot = shape.shots[shotIndexAt(shape.shots, frame)];
  if (!context || !shot || video.videoWidth === 0) return;
  const isHere = shape.ratio === state.ratio;
  const size = sizeOf(state);
  context.setTransform(canvas.width / shape.canvas_px[0], 0, 0, canvas.height / shape.canvas_px[1], 0, 0);
  context.fillStyle = fillOf(context, shot.background, shape.canvas_px[1]);
  context.fillRect(0, 0, ...shape.canvas_px);
  shot.cells.forEach((cell, at) => {
    const isPulled = isHere && state.pull?.cell === at;
    drawCell(context, video, shot, cell, isPulled && state.pull ? state.pull.crop : cropAt(cell, frame, size), size);
  });
  if (state.guides) drawGuides(context, shape.canvas_px);
}

/** @param {Actions} actions */
export function createResultView({ store, player }) {
  const box = part("canvases");
  /** @type {Map<string, HTMLCanvasElement>} */
  let canvases = new Map();

  function fit() {
    const { movie } = store.state;
    const count = Math.max(1, canvases.size);
    const gap = 12 * (count - 1);
    const caption = store.state.together ? 30 : 0;
    const height = box.clientHeight - caption;
    const shares = [...canvases.keys()].map((ratio) => {
      const [w, h] = movie?.shapes.find((shape) => shape.ratio === ratio)?.canvas_px ?? [1, 1];
      return w / h;
    });
    const sum = shares.reduce((all, share) => all + share, 0);
    const shown = Math.min(height, (box.clientWidth - gap) / sum);
    [...canvases.values()].forEach((canvas, at) => {
      const [width, high] = [Math.floor(shown * shares[at]), Math.floor(shown)];
      const scale = Math.min(window.devicePixelRatio, MOST_PX / Math.max(width, high));
      canvas.style.width = width + "px";
      canvas.style.height = high + "px";
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(high * scale));
    });
    draw();
  }

  function draw() {
    for (const [ratio, canvas] of canvases) {
      const shape = store.state.now.shapes[ratio];
      if (shape) drawShape(canvas, player.video, store.state, shape, player.shown);
    }
  }

  /** @param {string} ratio */
  function figure(ratio) {
    const canvas = element("canvas", { role: "img", "aria-label": "Result " + ratio, "data-ratio": ratio });
    canvases.set(ratio, canvas);
    if (!store.state.together) return canvas;
    // What is done by hand is done to the shape that is chosen.
    const given = {
      type: "button",
      "aria-pressed": String(ratio === store.state.ratio),
      "aria-label": "Work on " + ratio,
    };
    const choose = () => store.set({ ratio, cell: 0, chosen: [] });
    const button = element("button", { ...given, click: choose }, ratio);
    return element("figure", {}, canvas, element("figcaption", {}, button));
  }

  function fill() {
    const { movie, ratio, together } = store.state;
    canvases = new Map();
    box.replaceChildren(...(together ? (movie?.shapes ?? []).map((shape) => shape.ratio) : [ratio]).map(figure));
    part("desk").classList.toggle("together", together);
    fit();
  }

  new ResizeObserver(fit).observe(box);
  store.subscribe((state, before) => {
    if (differ(state, before, ["ratio", "together"])) fill();
    else if (differ(state, before, ["now", "pull", "guides"])) draw();
  });
  return { draw };
}
