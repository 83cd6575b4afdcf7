// @ts-check

/**
 * The list of shots. Only the rows that are seen exist: a feature film has more than a thousand.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 */

import * as api from "./api.js";
import { cropAt } from "./camera.js";
import { timeText } from "./clock.js";
import { change, drawing, element, part } from "./dom.js";
import { listed, shotOf, sizeOf } from "./selectors.js";
import { BADGES, nameOf } from "./words.js";

const ROW_PX = 92; // as in style.css
const MORE = 4; // rows above and below what is seen, so that scrolling shows no gaps

/** @param {string[]} badges @param {number} [inWords] so many in words, the others as signs */
export function badgeRow(badges, inWords = Infinity) {
  const known = badges.filter((badge) => BADGES[badge]);
  return known.map((badge, at) => {
    const [sign, text] = BADGES[badge];
    if (at < inWords) return element("span", { class: "badge " + badge }, sign + " " + text);
    return element("span", { class: "badge " + badge, role: "img", "aria-label": text, title: text }, sign);
  });
}

/** @param {State} state @param {Shot} shot */
function thumbnail(state, shot) {
  const size = sizeOf(state);
  const middle = Math.round((shot.first_frame + shot.last_frame) / 2);
  const picture = element("img", { src: api.thumbnail(state.movie?.id ?? "", middle), alt: "", loading: "lazy" });
  const over = drawing("svg", { viewBox: "0 0 " + size.join(" "), "aria-hidden": "true" });
  const crops = shot.cells.map((cell) => cropAt(cell, middle, size));
  const hole = ([x, y, w, h] = crops[0]) => "M" + x + " " + y + "h" + w + "v" + h + "h" + -w + "z";
  over.append(
    drawing("path", {
      class: "dim",
      d: "M0 0h" + size[0] + "v" + size[1] + "h" + -size[0] + "z" + crops.map(hole).join(""),
    }),
  );
  crops.forEach(([x, y, width, height], at) =>
    over.append(drawing("rect", { x, y, width, height, class: "crop c" + at })),
  );
  return element("div", { class: "thumb" }, picture, over);
}

/** @param {Actions} actions */
export function createShotList({ store, goTo, clock }) {
  const box = part("shots");
  const all = part("shots-all");
  /** @type {Map<Shot, HTMLElement>} rows that exist, by the shot that they show */
  let rows = new Map();
  /** @type {Shot[]} */
  let shots = [];

  /** @param {Shot} shot */
  function row(shot) {
    const who = shot.who.map(nameOf).join(", ");
    const time = timeText(clock.seconds(shot.first_frame), 1);
    const head = element("div", { class: "head" }, element("b", {}, String(shot.number)), " " + time + " ");
    head.append(element("span", { class: "layout" }, shot.layout));
    return element(
      "div",
      { role: "option", class: "row", id: "shot-" + shot.number, title: shot.why, click: () => goTo(shot.first_frame) },
      thumbnail(store.state, shot),
      element(
        "div",
        {},
        head,
        element("div", { class: "who" }, who || shot.why),
        element("div", { class: "badges" }, ...badgeRow(shot.badges, 1)),
      ),
    );
  }

  function draw() {
    const first = Math.max(0, Math.floor(box.scrollTop / ROW_PX) - MORE);
    const seen = shots.slice(first, Math.ceil((box.scrollTop + box.clientHeight) / ROW_PX) + MORE);
    const before = rows;
    rows = new Map(seen.map((shot) => [shot, before.get(shot) ?? row(shot)]));
    const chosen = shotOf(store.state)?.number;
    seen.forEach((shot, at) => {
      const made = /** @type {HTMLElement} */ (rows.get(shot));
      change(made, {
        "aria-setsize": shots.length,
        "aria-posinset": first + at + 1,
        "aria-selected": String(shot.number === chosen),
      });
      made.style.transform = "translateY(" + (first + at) * ROW_PX + "px)";
      if (made.parentNode !== all) all.append(made);
    });
    for (const [shot, made] of before) if (!rows.has(shot)) made.remove();
    box.setAttribute("aria-activedescendant", seen.some(({ number }) => number === chosen) ? "shot-" + chosen : "");
  }

  function fill() {
    shots = listed(store.state);
    all.style.height = shots.length * ROW_PX + "px";
    part("shots-none").hidden = shots.length > 0;
    const count = store.state.now.shapes[store.state.ratio]?.shots.length ?? 0;
    part("list-title").textContent = shots.length < count ? shots.length + " of " + count + " shots" : count + " shots";
  }

  function reveal() {
    const at = shots.findIndex((shot) => shot.number === shotOf(store.state)?.number);
    if (at < 0) return;
    const top = at * ROW_PX;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW_PX - box.clientHeight;
  }

  box.addEventListener("scroll", draw, { passive: true });
  new ResizeObserver(draw).observe(box);
  part("worth").addEventListener("click", () => store.set({ worth: !store.state.worth }));
  store.subscribe((state, before) => {
    const isOther =
      state.now.shapes !== before.now.shapes || state.ratio !== before.ratio || state.worth !== before.worth;
    const isMoved = shotOf(state)?.number !== shotOf(before)?.number;
    if (isOther) fill();
    if (isMoved || state.worth !== before.worth) reveal();
    if (isOther || isMoved) draw();
    change(part("worth"), { "aria-pressed": String(state.worth) });
  });
}
