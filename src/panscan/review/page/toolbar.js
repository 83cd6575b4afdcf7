// @ts-check

/**
 * The head of the page and the row below the pictures: shapes, undo, saving, playing.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./types").State} State
 */

import { timeText } from "./clock.js";
import { change, element, part } from "./dom.js";

const SAVING = {
  saved: "Saved",
  draft: "Draft kept",
  writing: "Writing…",
  unsaved: "Not kept: no answer",
  conflict: "Changed somewhere else",
};

/** @param {Actions} actions @param {{save: () => void}} more */
export function createToolbar(actions, { save }) {
  const { store, clock, player } = actions;

  /** @param {State} state */
  function fillShapes(state) {
    const choices = [
      ...(state.movie?.shapes ?? []).map(({ ratio }) => ratio),
      ...((state.movie?.shapes.length ?? 0) > 1 ? ["All"] : []),
    ];
    const tabs = choices.map((text) =>
      element(
        "button",
        { type: "button", role: "tab", "aria-controls": "result", "data-shape": text, click: () => choose(text) },
        text,
      ),
    );
    part("shapes").replaceChildren(...tabs);
  }

  /** @param {string} text */
  function choose(text) {
    store.set(text === "All" ? { together: true } : { ratio: text, together: false, cell: 0, chosen: [] });
  }

  /** The arrows go from tab to tab. @param {KeyboardEvent} event */
  function moveFocus(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const tabs = [...part("shapes").children];
    if (!step || !document.activeElement) return;
    event.stopPropagation();
    const next = /** @type {HTMLElement | undefined} */ (
      tabs.at((tabs.indexOf(document.activeElement) + step) % tabs.length)
    );
    next?.click();
    next?.focus();
  }

  /** @param {State} state */
  function draw(state) {
    const chosen = state.together ? "All" : state.ratio;
    for (const tab of part("shapes").children) {
      const isChosen = /** @type {HTMLElement} */ (tab).dataset.shape === chosen;
      change(tab, { "aria-selected": String(isChosen), tabindex: isChosen ? 0 : -1 });
    }
    part("saving").textContent = state.saving === "draft" && state.saved ? SAVING.saved : SAVING[state.saving];
    part("saving").className = state.saving;
    /** @type {HTMLButtonElement} */ (part("undo")).disabled = state.past.length === 0;
    /** @type {HTMLButtonElement} */ (part("redo")).disabled = state.future.length === 0;
    /** @type {HTMLButtonElement} */ (part("save")).disabled = state.saved;
    change(part("guides"), { "aria-pressed": String(state.guides) });
    part("play").textContent = state.playing ? "❚❚" : "▶";
    change(part("play"), { "aria-label": state.playing ? "Stop" : "Play" });
    part("time").textContent = timeText(clock.seconds(state.frame), 2) + " · " + state.frame;
  }

  function toggleSound() {
    player.video.muted = !player.video.muted;
    change(part("sound"), { "aria-pressed": String(!player.video.muted) });
  }

  /** @type {[string, () => void][]} */
  const buttons = [
    ["undo", actions.undo],
    ["redo", actions.redo],
    ["save", save],
    ["play", actions.playOrStop],
    ["sound", toggleSound],
    ["frame-before", () => actions.step(-1)],
    ["frame-after", () => actions.step(1)],
    ["key-before", () => actions.goToKey(-1)],
    ["key-after", () => actions.goToKey(1)],
    ["guides", () => store.set({ guides: !store.state.guides })],
  ];
  for (const [id, action] of buttons) part(id).addEventListener("click", action);
  part("shapes").addEventListener("keydown", moveFocus);
  fillShapes(store.state);
  store.subscribe(draw);
}
