// @ts-check

/**
 * A key for everything.
 * @typedef {import("./actions.js").Actions} Actions
 */

import { element, part } from "./dom.js";

const TEN = 10; // frames or px at once with Shift
const CLOSER = 1 / 1.1;
const WIDER = 1.1;

/** Name of a key as the table below has it: "Ctrl+Shift+z", "Left", "5". @param {KeyboardEvent} event */
function nameOfKey(event) {
  const isLetter = event.key.length === 1;
  const key = isLetter ? event.key.toLowerCase() : event.key.replace("Arrow", "");
  const shift = event.shiftKey && (!isLetter || /[a-z]/.test(key)) ? "Shift+" : "";
  return (
    (event.ctrlKey || event.metaKey ? "Ctrl+" : "") +
    (event.altKey ? "Alt+" : "") +
    shift +
    (key === " " ? "Space" : key)
  );
}

/** @param {EventTarget | null} target whether it needs the keys itself */
function isTyping(target) {
  // A dialog that was closed keeps the focus until the next picture is drawn.
  const needing = "select, textarea, dialog[open], input:not([type=checkbox]):not([type=radio])";
  return target instanceof Element && target.closest(needing) !== null;
}

/** Whether a key presses or changes what has the focus. @param {EventTarget | null} target @param {string} name */
function presses(target, name) {
  if (!(target instanceof Element)) return false;
  if (name === "Space") return target.closest("button, summary, input, a") !== null;
  return /^(Left|Right|Up|Down)$/.test(name) && target.closest("input[type=radio]") !== null;
}

/** Keys, what the help says of them, and what they do.
 * @param {Actions} actions @param {{save: () => void}} more @returns {[string[], string, (name: string) => void][]} */
function table(actions, { save }) {
  const { store, player } = actions;
  const far = (/** @type {string} */ name) => (name.includes("Shift") ? TEN : 1);
  return [
    [["Space"], "Play or stop", actions.playOrStop],
    [["l"], "Play on; again: faster", player.play],
    [["k"], "Stop", player.stop],
    [["j"], "Play backwards; again: faster", player.back],
    [["Left", "Shift+Left"], "A frame back; with Shift ten", (name) => actions.step(-far(name))],
    [["Right", "Shift+Right"], "A frame on; with Shift ten", (name) => actions.step(far(name))],
    [["Up"], "Shot before", () => actions.goToShot(-1)],
    [["Down"], "Next shot", () => actions.goToShot(1)],
    [[","], "Earlier key", () => actions.goToKey(-1)],
    [["."], "Later key", () => actions.goToKey(1)],
    [["m"], "Middle between two keys", actions.middle],
    [["n"], "New key here", actions.newKey],
    [["Delete", "Backspace"], "Delete the keys that are chosen", actions.deleteKeys],
    [
      ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
      "Show the one with this number",
      (name) => actions.showSubject(Number(name) - 1),
    ],
    [["h"], "Hold still", actions.hold],
    [["f"], "Whole picture", actions.fit],
    [["s"], "Divide the shot here", actions.split],
    [["a"], "Automatic again", actions.automatic],
    [["+", "="], "Closer", () => actions.zoom(CLOSER)],
    [["-"], "Wider", () => actions.zoom(WIDER)],
    [
      ["Alt+Left", "Alt+Shift+Left"],
      "Crop to the left by a pixel; with Shift ten",
      (name) => actions.nudge(-far(name), 0),
    ],
    [["Alt+Right", "Alt+Shift+Right"], "Crop to the right", (name) => actions.nudge(far(name), 0)],
    [["Alt+Up", "Alt+Shift+Up"], "Crop up", (name) => actions.nudge(0, -far(name))],
    [["Alt+Down", "Alt+Shift+Down"], "Crop down", (name) => actions.nudge(0, far(name))],
    [["g"], "Safe areas", () => store.set({ guides: !store.state.guides })],
    [["w"], "Only shots worth a look", () => store.set({ worth: !store.state.worth })],
    [["t"], "All shapes side by side", () => store.set({ together: !store.state.together })],
    [["Ctrl+z"], "Undo", actions.undo],
    [["Ctrl+Shift+z", "Ctrl+y"], "Do again", actions.redo],
    [["Ctrl+s"], "Save", save],
    [["?"], "This list", help],
  ];
}

function help() {
  /** @type {HTMLDialogElement} */ (part("help")).showModal();
}

const SIGNS = { Left: "←", Right: "→", Up: "↑", Down: "↓", Delete: "Del" };

/** @param {string[]} names */
function keyCap(names) {
  const name = names.length > 4 ? names[0] + " … " + names.at(-1) : names[0];
  const text = name.replace(/Left|Right|Up|Down|Delete/, (word) => SIGNS[/** @type {"Left"} */ (word)]);
  return element(
    "kbd",
    {},
    text.replace(/(^|\+)([a-z])$/, (_, before, letter) => before + letter.toUpperCase()),
  );
}

/** @param {Actions} actions @param {{save: () => void}} more */
export function listenToKeys(actions, more) {
  const rows = table(actions, more);
  /** @type {Map<string, (name: string) => void>} */
  const byName = new Map(rows.flatMap(([names, , action]) => names.map((name) => [name, action])));
  part("help-list").replaceChildren(
    ...rows.map(([names, text]) => element("div", {}, element("dt", {}, keyCap(names)), element("dd", {}, text))),
  );
  part("help-open").addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    const name = nameOfKey(event);
    const action = byName.get(name);
    if (!action || presses(event.target, name) || (isTyping(event.target) && !name.startsWith("Ctrl+s"))) return;
    event.preventDefault();
    action(name);
  });
}
