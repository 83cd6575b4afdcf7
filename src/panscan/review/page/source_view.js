// @ts-check

/**
 * The source: its picture, dimmed where it is cropped away, with the crops to drag and the people to click. The overlay
 * counts source px.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").Box} Box
 * @typedef {import("./types").Cell} Cell
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 * @typedef {import("./types").Subject} Subject
 */

import { cropAt, zoomOf } from "./camera.js";
import { listenToDrags } from "./crop_drag.js";
import { change, drawing, part } from "./dom.js";
import { clickable, differ, namesIn, shotOf, sizeOf } from "./selectors.js";
import { lookNear } from "./subjects.js";
import { nameOf } from "./words.js";

const HANDLE_PX = 11; // on the screen
const TOUCH_PX = 44; // on the screen: what a finger hits
const TAG_PX = 22; // on the screen: height of a name
const LETTER_PX = 7.8; // on the screen: about the width of one

/** Corners, as shares of the crop. @type {[number, number][]} */
const CORNERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
];

/** @param {State} state @param {Cell} cell @param {number} at */
export const shownCrop = (state, cell, at) =>
  state.pull?.cell === at ? state.pull.crop : cropAt(cell, state.frame, sizeOf(state));

/** @param {State} state @param {Cell} cell @param {Box} crop */
function inWords(state, cell, crop) {
  const size = sizeOf(state);
  const across = Math.round((100 * (crop[0] + crop[2] / 2)) / size[0]);
  const down = Math.round((100 * (crop[1] + crop[3] / 2)) / size[1]);
  const zoom = zoomOf(cell, crop, size).toFixed(2);
  return nameOf(cell.subject) + ": " + across + " % across, " + down + " % down, zoom " + zoom;
}

/** Whether a subject is whom a camera follows, and is in its crop now. @param {State} state @param {Shot} shot
 * @param {Subject} subject @param {Box} box */
const isShown = (state, shot, subject, [left, top, width, height]) =>
  shot.cells.some((cell, at) => {
    const crop = shownCrop(state, cell, at);
    const [x, y] = [left + width / 2 - crop[0], top + height / 2 - crop[1]];
    return namesIn(cell.subject).includes(subject.name) && x > 0 && y > 0 && x < crop[2] && y < crop[3];
  });

/** @param {Actions} actions */
export function createSourceView(actions) {
  const { store, clock } = actions;
  const overlay = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (part("overlay")));
  const dim = drawing("path", { class: "dim" });
  const ghosts = drawing("g", { "aria-hidden": "true" });
  const boxes = drawing("g", { "aria-hidden": "true" });
  const crops = drawing("g");
  const tags = drawing("g");
  overlay.append(dim, boxes, ghosts, crops, tags);
  let unit = 1; // source px per px on the screen

  function drawDim(/** @type {Box[]} */ shown) {
    const [width, height] = sizeOf(store.state);
    const holes = shown.map(([x, y, w, h]) => "M" + x + " " + y + "h" + w + "v" + h + "h" + -w + "z");
    change(dim, { d: "M0 0h" + width + "v" + height + "h" + -width + "z" + holes.join("") });
  }

  /** @param {number} at */
  function cropGroup(at) {
    const group = drawing("g", {
      class: "crop c" + at,
      tabindex: 0,
      role: "slider",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    });
    group.append(drawing("rect", { class: "edge" }), drawing("text", { "aria-hidden": "true" }));
    for (const [x, y] of CORNERS) {
      const handle = drawing("g", { class: "handle " + (x === y ? "down" : "up"), "data-x": x, "data-y": y });
      handle.append(drawing("rect", { class: "touch" }), drawing("rect", { class: "grip" }));
      group.append(handle);
    }
    group.addEventListener("focus", () => store.set({ cell: at }));
    return group;
  }

  /** @param {Element} group @param {Box} crop */
  function placeHandles(group, [left, top, width, height]) {
    group.querySelectorAll(".handle").forEach((handle, at) => {
      const [x, y] = [left + CORNERS[at][0] * width, top + CORNERS[at][1] * height];
      [TOUCH_PX, HANDLE_PX].forEach((side, which) => {
        const half = (side * unit) / 2;
        change(handle.children[which], { x: x - half, y: y - half, width: 2 * half, height: 2 * half });
      });
    });
  }

  /** @param {State} state @param {Shot} shot */
  function drawCrops(state, shot) {
    const shown = shot.cells.map((cell, at) => shownCrop(state, cell, at));
    drawDim(shown);
    while (crops.children.length > shown.length) crops.lastElementChild?.remove();
    shown.forEach((crop, at) => {
      const group = crops.children[at] ?? crops.appendChild(cropGroup(at));
      const [x, y, width, height] = crop;
      change(group.children[0], { x, y, width, height });
      group.children[1].textContent = shown.length > 1 ? String(at + 1) : "";
      change(group.children[1], { x: x + 8 * unit, y: y + height - 10 * unit, "font-size": 18 * unit });
      group.classList.toggle("chosen", at === state.cell && shown.length > 1);
      const valuetext = inWords(state, shot.cells[at], crop);
      const valuenow = Math.round((100 * (x + width / 2)) / sizeOf(state)[0]);
      change(group, {
        "aria-label": "Crop" + (shown.length > 1 ? " of cell " + (at + 1) : ""),
        "aria-valuenow": valuenow,
        "aria-valuetext": valuetext,
      });
      placeHandles(group, crop);
    });
  }

  /** @param {State} state @param {Shot} shot */
  function drawGhosts(state, shot) {
    const automatic = shot.auto_cells ?? (state.pull ? shot.cells : []);
    const rects = automatic.map((cell) => {
      const [x, y, width, height] = cropAt(cell, state.frame, sizeOf(state));
      return drawing("rect", { class: "ghost", x, y, width, height });
    });
    ghosts.replaceChildren(...rects);
  }

  /** @param {Subject} subject @param {number} number */
  function tag(subject, number) {
    const text = (number < 9 ? number + 1 + " " : "") + nameOf(subject.name);
    const press = () => actions.show(subject);
    const made = drawing("g", {
      class: "tag " + subject.kind,
      "data-name": subject.name,
      tabindex: 0,
      role: "button",
      "aria-label": text + ": show",
      click: press,
      keydown: (event) => event.key === "Enter" && press(),
    });
    made.append(drawing("rect", { class: "touch" }), drawing("rect", { class: "plate" }), drawing("text", {}, text));
    return made;
  }

  /** @param {Element} made @param {Box} box */
  function placeTag(made, [left, top]) {
    const [, plate, text] = made.children;
    const width = ((text.textContent?.length ?? 0) * LETTER_PX + 14) * unit;
    const height = TAG_PX * unit;
    const x = Math.min(Math.max(left, 0), sizeOf(store.state)[0] - width);
    const y = Math.max(top - height, 0);
    change(plate, { x, y, width, height, rx: 4 * unit });
    change(made.children[0], { x, y: y - height / 2, width: Math.max(width, TOUCH_PX * unit), height: 2 * height });
    change(text, { x: x + 7 * unit, y: y + height * 0.7, "font-size": 13 * unit });
  }

  function fillTags() {
    tags.replaceChildren(...clickable(store.state).map(tag));
    boxes.replaceChildren(...clickable(store.state).map(({ kind }) => drawing("rect", { class: "seen " + kind })));
  }

  /** @param {State} state @param {Shot} shot */
  function drawTags(state, shot) {
    clickable(state).forEach((subject, at) => {
      const box = lookNear(subject, state.frame, clock.perSecond)?.box ?? null;
      const shown = box !== null && isShown(state, shot, subject, box);
      for (const made of [tags.children[at], boxes.children[at]]) {
        made.toggleAttribute("hidden", box === null);
        made.classList.toggle("shown", shown);
      }
      change(tags.children[at], { "aria-pressed": String(shown) });
      if (!box) return;
      const [x, y, width, height] = box;
      change(boxes.children[at], { x, y, width, height });
      placeTag(tags.children[at], box);
    });
  }

  /** @param {State} state */
  function draw(state) {
    const shot = shotOf(state);
    if (!shot) return;
    drawCrops(state, shot);
    drawGhosts(state, shot);
    drawTags(state, shot);
  }

  function measure() {
    const [width, height] = sizeOf(store.state);
    const scale = Math.min(overlay.clientWidth / width, overlay.clientHeight / height);
    unit = scale > 0 ? 1 / scale : 1;
    draw(store.state);
  }

  change(overlay, { viewBox: "0 0 " + sizeOf(store.state).join(" ") });
  listenToDrags(overlay, actions);
  new ResizeObserver(measure).observe(overlay);
  store.subscribe((state, before) => {
    if (state.subjects !== before.subjects) fillTags();
    if (differ(state, before, ["frame", "now", "pull", "ratio", "subjects", "cell"])) draw(state);
  });
}
