// @ts-check

/**
 * The whole movie in one bar: its shots, those worth a look and those changed by hand, and where we are.
 * @typedef {import("./actions.js").Actions} Actions
 */

import { timeText } from "./clock.js";
import { change, part } from "./dom.js";
import { shotOf, shotsOf } from "./selectors.js";
import { counted } from "./words.js";

const HEIGHT_PX = 34;
const MARK_PX = 8; // height of the marks below the shots

/** @param {Actions} actions */
export function createOverview({ store, goTo, clock }) {
  const canvas = /** @type {HTMLCanvasElement} */ (part("overview"));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const count = clock.end + 1;
  /** @type {ImageData | null} all but the line where we are */
  let still = null;

  /** @param {string} name of a custom property in style.css */
  function colour(name) {
    canvas.style.color = "var(" + name + ")"; // resolved for the theme, which a custom property by itself is not
    return getComputedStyle(canvas).color;
  }
  const across = (/** @type {number} */ frame) => (frame / count) * canvas.width;

  function drawShots() {
    const scale = window.devicePixelRatio;
    const [bottom, mark] = [canvas.height, MARK_PX * scale];
    const colours = {
      even: colour("--block"),
      odd: colour("--block-2"),
      look: colour("--flag"),
      hand: colour("--accent"),
    };
    context.clearRect(0, 0, canvas.width, canvas.height);
    shotsOf(store.state).forEach((shot, at) => {
      const [x, end] = [across(shot.first_frame), across(shot.last_frame + 1)];
      context.fillStyle = at % 2 ? colours.odd : colours.even;
      context.fillRect(x, 0, end - x, bottom - mark - scale);
      const width = Math.max(scale, end - x - scale);
      if (shot.badges.includes("worth_a_look")) {
        context.fillStyle = colours.look;
        context.fillRect(x, bottom - mark, width, mark / 2 - scale / 2);
      }
      if (shot.edited) {
        context.fillStyle = colours.hand;
        context.fillRect(x, bottom - mark / 2, width, mark / 2);
      }
    });
    still = context.getImageData(0, 0, canvas.width, canvas.height);
    drawPlace();
  }

  function drawPlace() {
    if (!still) return;
    const { state } = store;
    const scale = window.devicePixelRatio;
    context.putImageData(still, 0, 0);
    const shot = shotOf(state);
    context.strokeStyle = colour("--ink");
    context.lineWidth = scale;
    if (shot) {
      const x = across(shot.first_frame);
      context.strokeRect(x, scale / 2, Math.max(2 * scale, across(shot.last_frame + 1) - x), canvas.height - scale);
    }
    context.fillStyle = colour("--play");
    context.fillRect(across(state.frame) - scale, 0, 2 * scale, canvas.height);
    const text = timeText(clock.seconds(state.frame), 1) + (shot ? ", shot " + shot.number : "");
    change(canvas, {
      "aria-valuemin": 0,
      "aria-valuemax": clock.end,
      "aria-valuenow": state.frame,
      "aria-valuetext": text,
    });
  }

  function fit() {
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
    canvas.height = Math.round(HEIGHT_PX * window.devicePixelRatio);
    drawShots();
  }

  /** @param {PointerEvent} event */
  function seek(event) {
    const box = canvas.getBoundingClientRect();
    goTo(((event.clientX - box.x) / box.width) * count);
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    seek(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons === 1 && seek(event));
  new ResizeObserver(fit).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawShots);
  document.addEventListener("themechange", drawShots);
  store.subscribe((state, before) => {
    if (shotsOf(state) !== shotsOf(before)) {
      drawShots();
      canvas.title = counted(shotsOf(state).length, "shot");
    } else if (state.frame !== before.frame) drawPlace();
  });
}
