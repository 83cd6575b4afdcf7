// @ts-check

/**
 * The shot at hand over time: per cell the camera's path with its keys, the automatic path beside it, and who speaks.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 */

import { TIGHTEST_ZOOM, cropAt, zoomOf } from "./camera.js";
import { change, drawing, part } from "./dom.js";
import { differ, namesIn, shotOf, sizeOf } from "./selectors.js";
import { nameOf } from "./words.js";

const LABEL_PX = 70; // on the left, for the names of the lanes
const MOST_LETTERS = 9; // of a name, as many as fit there
const SPEAKER_PX = 22;
const MARGIN_PX = 9; // above and below a path, so that its keys are whole
const KEY_PX = 7; // from the middle of a key to its corners
const STEPS = 160; // of a path: zooming makes it bend

/** @param {string | null} subject */
function shortName(subject) {
  const names = namesIn(subject);
  return names.length > 1 ? names.length + " people" : nameOf(subject).slice(0, MOST_LETTERS);
}

/** @param {Actions} actions */
export function createTimelineStrip(actions) {
  const { store, goTo } = actions;
  const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (part("lanes")));
  const lanes = drawing("g");
  const place = drawing("line", { class: "place" });
  svg.append(lanes, place);
  let [width, height] = [1, 1];
  /** @type {{from: number, to: number} | null} */
  let moving = null;

  /** @param {Shot} shot @param {number} frame */
  const across = (shot, frame) =>
    LABEL_PX +
    ((frame - shot.first_frame) / Math.max(1, shot.last_frame - shot.first_frame)) * (width - LABEL_PX - KEY_PX * 2);
  /** @param {Shot} shot @param {number} x */
  const frameAt = (shot, x) =>
    Math.round(
      shot.first_frame + ((x - LABEL_PX) / (width - LABEL_PX - KEY_PX * 2)) * (shot.last_frame - shot.first_frame),
    );

  /** Share of the way down a lane. @param {State} state @param {Cell} cell @param {number} frame */
  function level(state, cell, frame) {
    const size = sizeOf(state);
    const crop = cropAt(cell, frame, size);
    if (state.path === "x") return (crop[0] + crop[2] / 2) / size[0];
    if (state.path === "y") return (crop[1] + crop[3] / 2) / size[1];
    return 1 - Math.min(Math.log2(Math.max(zoomOf(cell, crop, size), 0.5)) / Math.log2(TIGHTEST_ZOOM), 1) * 0.75 - 0.2;
  }

  /** @param {State} state @param {Shot} shot @param {Cell} cell @param {number} top @param {number} lane */
  function path(state, shot, cell, top, lane) {
    const span = shot.last_frame - shot.first_frame;
    const steps = Math.min(STEPS, span);
    const frames = Array.from({ length: steps + 1 }, (_, at) => shot.first_frame + (steps ? (span * at) / steps : 0));
    const points = frames.map(
      (frame) =>
        across(shot, frame).toFixed(1) +
        " " +
        (top + MARGIN_PX + level(state, cell, frame) * (lane - 2 * MARGIN_PX)).toFixed(1),
    );
    return "M" + points.join("L");
  }

  /** @param {State} state @param {Shot} shot @param {number} at of the cell @param {number} frame @param {number} top
   * @param {number} lane its height */
  function key(state, shot, at, frame, top, lane) {
    const cell = shot.cells[at];
    const x = across(shot, Math.min(Math.max(frame, shot.first_frame), shot.last_frame));
    const y = top + MARGIN_PX + level(state, cell, frame) * (lane - 2 * MARGIN_PX);
    const isChosen = at === state.cell && state.chosen.includes(frame);
    const made = drawing("g", {
      class: "key c" + at,
      tabindex: 0,
      role: "button",
      "aria-pressed": String(isChosen),
      "data-frame": frame,
      "aria-label": "Key at frame " + frame + (shot.cells.length > 1 ? ", cell " + (at + 1) : ""),
      pointerdown: (event) => grab(event, at, frame),
      keydown: (event) => event.key === "Enter" && choose(at, frame, event.shiftKey),
    });
    made.append(drawing("rect", { class: "touch", x: x - 12, y: y - 22, width: 24, height: 44 }));
    made.append(
      drawing("path", {
        d:
          "M" +
          x +
          " " +
          (y - KEY_PX) +
          "l" +
          KEY_PX +
          " " +
          KEY_PX +
          "l" +
          -KEY_PX +
          " " +
          KEY_PX +
          "l" +
          -KEY_PX +
          " " +
          -KEY_PX +
          "z",
      }),
    );
    return made;
  }

  /** @param {number} cell @param {number} frame @param {boolean} more */
  function choose(cell, frame, more) {
    const kept = more && cell === store.state.cell ? store.state.chosen.filter((each) => each !== frame) : [];
    goTo(frame);
    store.set({ cell, chosen: [...kept, frame] });
  }

  /** @param {PointerEvent} event @param {number} cell @param {number} frame */
  function grab(event, cell, frame) {
    event.stopPropagation();
    choose(cell, frame, event.shiftKey);
    moving = { from: frame, to: frame };
    svg.setPointerCapture(event.pointerId);
  }

  /** @param {Shot} shot @param {State} state @param {number} top */
  function speakers(state, shot, top) {
    const turns = state.turns.filter(
      (turn) => turn.first_frame <= shot.last_frame && shot.first_frame <= turn.last_frame,
    );
    return turns.flatMap((turn) => {
      const x = across(shot, Math.max(turn.first_frame, shot.first_frame));
      const end = across(shot, Math.min(turn.last_frame, shot.last_frame));
      const text = drawing("text", { x: x + 5, y: top + 15, class: "speaker" }, end - x > 50 ? nameOf(turn.name) : "");
      return [
        drawing("rect", { class: "turn", x, y: top + 2, width: Math.max(2, end - x), height: SPEAKER_PX - 4, rx: 3 }),
        text,
      ];
    });
  }

  /** @param {State} state */
  function draw(state) {
    const shot = shotOf(state);
    if (!shot || width <= LABEL_PX || height <= SPEAKER_PX) return;
    const lane = (height - SPEAKER_PX) / shot.cells.length;
    const made = shot.cells.flatMap((cell, at) => {
      const top = at * lane;
      const label = (shot.cells.length > 1 ? at + 1 + " " : "") + shortName(cell.subject);
      const automatic = shot.auto_cells?.[at];
      return [
        drawing("rect", { class: "lane", x: LABEL_PX, y: top + 1, width: width - LABEL_PX, height: lane - 2 }),
        drawing("text", { x: 0, y: top + lane / 2 + 4 }, label),
        ...(automatic
          ? [drawing("path", { class: "path automatic", d: path(state, shot, automatic, top, lane) })]
          : []),
        ...(automatic && at === 0
          ? [drawing("text", { class: "legend", x: width - KEY_PX * 2, y: top + 15 }, "– – automatic")]
          : []),
        drawing("path", { class: "path c" + at, d: path(state, shot, cell, top, lane) }),
        ...cell.keys.frame.map((frame) => key(state, shot, at, frame, top, lane)),
      ];
    });
    made.push(drawing("text", { x: 0, y: height - 7 }, "Speaks"), ...speakers(state, shot, height - SPEAKER_PX));
    const focused = document.activeElement?.closest("#lanes .key")?.getAttribute("aria-label");
    lanes.replaceChildren(...made);
    if (focused) /** @type {SVGElement | null} */ (lanes.querySelector('[aria-label="' + focused + '"]'))?.focus();
    drawPlace(state, shot);
  }

  /** @param {State} state @param {Shot} shot */
  function drawPlace(state, shot) {
    const x = across(shot, moving?.to ?? state.frame);
    change(place, { x1: x, x2: x, y1: 0, y2: height });
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const shot = shotOf(store.state);
    if (event.buttons !== 1 || !shot) return;
    const frame = frameAt(shot, event.clientX - svg.getBoundingClientRect().x);
    const held = Math.min(Math.max(frame, shot.first_frame), shot.last_frame);
    if (!moving) return goTo(held);
    moving.to = held;
    drawPlace(store.state, shot);
  }

  function end() {
    const was = moving;
    moving = null;
    if (!was || was.to === was.from) return;
    actions.moveKey(was.from, was.to);
    goTo(was.to);
  }

  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    move(event);
  });
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerup", end);
  new ResizeObserver(() => {
    [width, height] = [svg.clientWidth, svg.clientHeight];
    change(svg, { viewBox: "0 0 " + width + " " + height });
    draw(store.state);
  }).observe(svg);
  /** @type {NodeListOf<HTMLButtonElement>} */
  const paths = document.querySelectorAll("#paths button");
  for (const button of paths) {
    button.addEventListener("click", () => store.set({ path: /** @type {State["path"]} */ (button.value) }));
  }
  store.subscribe((state, before) => {
    const shot = shotOf(state);
    for (const button of paths) change(button, { "aria-pressed": String(button.value === state.path) });
    const isOther = differ(state, before, ["path", "chosen", "turns", "cell"]);
    if (isOther || shot !== shotOf(before)) draw(state);
    else if (shot && state.frame !== before.frame) drawPlace(state, shot);
  });
}
