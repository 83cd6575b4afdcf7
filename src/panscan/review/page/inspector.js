// @ts-check

/**
 * The shot at hand in words and fields.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").Scope} Scope
 * @typedef {import("./types").Shot} Shot
 * @typedef {import("./types").State} State
 */

import { timeText } from "./clock.js";
import { entriesOf, entryText } from "./corrections.js";
import { change, element, part, tell } from "./dom.js";
import { cellIsHeld, cellOf, clickable, shotOf } from "./selectors.js";
import { badgeRow } from "./shot_list.js";
import { counted, nameOf } from "./words.js";

const PLACES = ["left", "right", "largest", "speaker"]; // words that docs/overrides.md allows for a subject
const BACKGROUNDS = ["black", "blur", "#ffffff"];
const CLOSER = 1 / 1.1; // a step of zoom that is seen and not felt as a jump
const WIDER = 1.1;

/** @param {string} id @param {[string, string][]} choices value and text @param {string} value */
function fillSelect(id, choices, value) {
  const select = /** @type {HTMLSelectElement} */ (part(id));
  const wanted = JSON.stringify(choices);
  if (select.dataset.choices !== wanted) {
    select.replaceChildren(...choices.map(([name, text]) => element("option", { value: name }, text)));
    select.dataset.choices = wanted;
  }
  select.value = value;
}

/** @typedef {[string, string]} Choice value and text */

/** Those seen in the shot, everybody else, and places. @param {State} state @returns {Choice[]} */
function subjectChoices(state) {
  const shown = cellOf(state)?.subject ?? "";
  const seen = new Set(clickable(state).map(({ name }) => name));
  const others = (state.movie?.people ?? []).map(({ name }) => name).filter((name) => !seen.has(name));
  const known = [...seen].map((name) => /** @type {Choice} */ ([name, nameOf(name)]));
  const elsewhere = others.map((name) => /** @type {Choice} */ ([name, nameOf(name) + ", not seen here"]));
  const places = PLACES.map((place) => /** @type {Choice} */ ([place, "the " + place]));
  const all = [...known, ...elsewhere, ...places];
  return all.some(([value]) => value === shown) ? all : [[shown, nameOf(shown)], ...all];
}

/** @param {State} state @param {Shot} shot */
function fillEntry(state, shot) {
  const entries = entriesOf(state, shot);
  part("entry-text").textContent = entries.map(entryText).join("\n\n") || "# nothing: the camera is automatic";
  const note = /** @type {HTMLInputElement} */ (part("note"));
  if (document.activeElement !== note) note.value = entries.findLast((entry) => entry.note !== undefined)?.note ?? "";
  note.disabled = entries.length === 0; // a note alone decides nothing
  /** @type {HTMLButtonElement} */ (part("automatic")).disabled = entries.length === 0;
}

/** @param {Actions} actions */
export function createInspector(actions) {
  const { store, clock, decide } = actions;

  /** @param {State} state @param {Shot} shot */
  function fillWords(state, shot) {
    const length = shot.last_frame - shot.first_frame + 1;
    part("shot-title").textContent = "Shot " + shot.number;
    const span = timeText(clock.seconds(shot.first_frame), 1) + " to " + timeText(clock.seconds(shot.last_frame), 1);
    part("shot-time").textContent = span + ", " + counted(length, "frame");
    part("shot-words").textContent = shot.why;
    part("shot-badges").replaceChildren(...badgeRow(shot.badges));
    part("told").replaceChildren(...[...shot.unmet, ...state.told].map((text) => element("li", {}, text)));
  }

  /** @param {State} state @param {Shot} shot */
  function fillFields(state, shot) {
    const layouts = state.movie?.layouts ?? [];
    const cells = shot.cells.map(
      (cell, at) => /** @type {Choice} */ ([String(at), at + 1 + ": " + nameOf(cell.subject)]),
    );
    part("cell-row").hidden = cells.length < 2;
    fillSelect("cell", cells, String(state.cell));
    fillSelect("subject", subjectChoices(state), cellOf(state)?.subject ?? "");
    fillSelect(
      "layout",
      [...new Set([shot.layout, ...layouts])].map((name) => [name, name]),
      shot.layout,
    );
    fillSelect(
      "background",
      [...new Set([shot.background, ...BACKGROUNDS])].map((name) => [name, name === "#ffffff" ? "white" : name]),
      shot.background,
    );
    change(part("hold"), { "aria-pressed": String(cellIsHeld(state)) });
    change(part("fit"), { "aria-pressed": String(shot.layout === "fit") });
    const last = state.now.shapes[state.ratio].shots.at(-1);
    /** @type {HTMLButtonElement} */ (part("merge")).disabled = shot === last;
    /** @type {HTMLButtonElement} */ (part("split")).disabled = state.frame <= shot.first_frame;
    /** @type {HTMLInputElement} */ (part("all-shapes")).checked = state.allShapes;
  }

  /** @param {string} id @param {(value: string) => void} then */
  const onChange = (id, then) =>
    part(id).addEventListener("change", (event) => then(/** @type {HTMLInputElement} */ (event.target).value));

  function showChosen(/** @type {string} */ value) {
    const subject = store.state.subjects.find(({ name }) => name === value);
    if (subject) actions.show(subject);
    else decide({ subject: value }, nameOf(value) + " is shown");
  }

  onChange("cell", (value) => store.set({ cell: Number(value), chosen: [] }));
  onChange("subject", showChosen);
  onChange("layout", (value) => decide({ layout: value }, "Layout " + value));
  onChange("background", (value) => decide({ background: value }, "Background " + value));
  onChange("note", (value) => decide({ note: value || null }, "Note kept"));
  part("all-shapes").addEventListener("change", () => store.set({ allShapes: !store.state.allShapes }));
  for (const radio of document.querySelectorAll('input[name="scope"]')) {
    radio.addEventListener("change", () =>
      store.set({ scope: /** @type {Scope} */ (/** @type {HTMLInputElement} */ (radio).value) }),
    );
  }
  /** @type {[string, () => void][]} */
  const buttons = [
    ["hold", actions.hold],
    ["fit", actions.fit],
    ["split", actions.split],
    ["merge", actions.merge],
    ["automatic", actions.automatic],
    ["closer", () => actions.zoom(CLOSER)],
    ["wider", () => actions.zoom(WIDER)],
  ];
  for (const [id, action] of buttons) part(id).addEventListener("click", action);
  part("fields").addEventListener("submit", (event) => event.preventDefault());

  store.subscribe((state, before) => {
    const shot = shotOf(state);
    if (!shot) return;
    fillFields(state, shot);
    if (shot !== shotOf(before) || state.told !== before.told) fillWords(state, shot);
    if (shot !== shotOf(before) || state.now.corrections !== before.now.corrections || state.ratio !== before.ratio)
      fillEntry(state, shot);
    if (shot.number !== shotOf(before)?.number && !state.playing) tell("Shot " + shot.number + ". " + shot.why);
  });
}
