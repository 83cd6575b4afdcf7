// @ts-check

/**
 * Moving and resizing a crop with pointer and wheel. What is dragged is only shown; one key is written at the release.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").Box} Box
 */

import { cropAt, inside, resized } from "./camera.js";
import { clickable, isAlone, shotOf, sizeOf } from "./selectors.js";
import { lookNear } from "./subjects.js";

/**
 * A drag under way: the crop that it began with (null beside all crops), where it began in source px and on the screen,
 * the corner that is held, and whether it went further than a click.
 * @typedef {[number, number]} Point
 * @typedef {{crop: Box | null, from: Point, client: Point, corner: Point | null, moved: boolean}} Drag
 */

const CLICK_PX = 4; // on the screen: a pointer that moves less has clicked
const WHEEL_PAUSE_MS = 300; // after the last turn of the wheel the crop is written
const WHEEL_STEP = 1.0015; // times wider per px that the wheel reports

/** @param {SVGSVGElement} overlay @param {MouseEvent} event @returns {[number, number]} source px */
function place(overlay, event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(overlay.getScreenCTM()?.inverse());
  return [at.x, at.y];
}

/** @param {SVGSVGElement} overlay @param {Actions} actions */
export function listenToDrags(overlay, actions) {
  const { store, clock } = actions;
  /** @type {Drag | null} */
  let drag = null;
  let timer = 0;

  /** @param {number} at */
  function cropOfCell(at) {
    const cell = shotOf(store.state)?.cells[at];
    return cell ? cropAt(cell, store.state.frame, sizeOf(store.state)) : null;
  }

  /** The smallest box under a point is the one that is meant. @param {[number, number]} point */
  function clickAt([x, y]) {
    const hits = clickable(store.state).flatMap((subject) => {
      const box = lookNear(subject, store.state.frame, clock.perSecond)?.box;
      const isHit = box && x >= box[0] && x <= box[0] + box[2] && y >= box[1] && y <= box[1] + box[3];
      return isHit ? [{ subject, area: box[2] * box[3] }] : [];
    });
    const hit = hits.sort((a, b) => a.area - b.area)[0]?.subject;
    if (hit && !isAlone(shotOf(store.state), hit.name)) actions.show(hit);
  }

  /** @param {PointerEvent} event */
  function start(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.button !== 0 || target.closest(".tag")) return;
    const group = target.closest("g.crop");
    const cell = group ? [...(group.parentNode?.children ?? [])].indexOf(group) : store.state.cell;
    const crop = cropOfCell(cell);
    if (!crop) return;
    const handle = /** @type {SVGElement | null} */ (target.closest(".handle"));
    const corner = handle && /** @type {[number, number]} */ ([Number(handle.dataset.x), Number(handle.dataset.y)]);
    drag = {
      crop: group ? crop : null,
      from: place(overlay, event),
      client: [event.clientX, event.clientY],
      corner,
      moved: false,
    };
    actions.player.stop();
    store.set({ cell });
    overlay.setPointerCapture(event.pointerId);
  }

  /** @param {Box} crop @param {Drag} drag @param {[number, number]} to @param {boolean} oneWay @returns {Box} */
  function dragged(crop, { from, corner }, to, oneWay) {
    const size = sizeOf(store.state);
    const cell = shotOf(store.state)?.cells[store.state.cell];
    let [x, y] = [to[0] - from[0], to[1] - from[1]];
    if (corner && cell) {
      const width = crop[2] + (corner[0] ? x : -x);
      return resized(cell, crop, width / crop[2], size, [1 - corner[0], 1 - corner[1]]);
    }
    if (oneWay) [x, y] = Math.abs(x) > Math.abs(y) ? [x, 0] : [0, y];
    return inside([crop[0] + x, crop[1] + y, crop[2], crop[3]], size);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (!drag?.crop) return;
    const distance = Math.hypot(event.clientX - drag.client[0], event.clientY - drag.client[1]);
    if (!drag.moved && distance < CLICK_PX) return;
    drag.moved = true;
    store.set({
      pull: { cell: store.state.cell, crop: dragged(drag.crop, drag, place(overlay, event), event.shiftKey) },
    });
  }

  /** @param {PointerEvent} event */
  function end(event) {
    const { pull } = store.state;
    const was = drag;
    drag = null;
    if (was?.moved && pull) actions.writeCrop(pull.crop);
    else if (was) clickAt(place(overlay, event));
  }

  function giveUp() {
    drag = null;
    store.set({ pull: null });
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    const { state } = store;
    const cell = shotOf(state)?.cells[state.cell];
    const crop = state.pull?.crop ?? cropOfCell(state.cell);
    if (!cell || !crop) return;
    event.preventDefault();
    actions.player.stop();
    store.set({ pull: { cell: state.cell, crop: resized(cell, crop, WHEEL_STEP ** event.deltaY, sizeOf(state)) } });
    clearTimeout(timer);
    timer = window.setTimeout(() => store.state.pull && actions.writeCrop(store.state.pull.crop), WHEEL_PAUSE_MS);
  }

  document.addEventListener("keydown", (event) => event.key === "Escape" && drag && giveUp());
  overlay.addEventListener("pointerdown", start);
  overlay.addEventListener("pointermove", move);
  overlay.addEventListener("pointerup", end);
  overlay.addEventListener("pointercancel", giveUp);
  overlay.addEventListener("wheel", wheel, { passive: false });
}
