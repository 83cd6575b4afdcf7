// @ts-check

/**
 * Files for editors and movies, with progress and verdict.
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {import("./saver.js").Saver} Saver
 * @typedef {import("./types").Movie} Movie
 * @typedef {import("./types").Progress} Progress
 */

import * as api from "./api.js";
import { timeText } from "./clock.js";
import { element, part, tell } from "./dom.js";
import { VERDICTS, inWords, sentence } from "./words.js";

/** @typedef {[string, string]} Choice value and text */

/** @type {Record<string, string>} */
const EDITORS = {
  premiere: "Premiere Pro",
  resolve: "DaVinci Resolve",
  "final-cut": "Final Cut Pro",
  avid: "Avid Media Composer",
  kdenlive: "Kdenlive",
  shotcut: "Shotcut",
  "after-effects": "After Effects",
};

/** @param {string} id @param {Choice[]} choices @param {boolean} checked */
function fillChecks(id, choices, checked) {
  const boxes = choices.map(([value, text]) =>
    element("label", {}, element("input", { type: "checkbox", value, checked }), text),
  );
  part(id).replaceChildren(...boxes);
}

/** @param {string} id @returns {string[]} */
const checkedIn = (id) => [...part(id).querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);

/** @param {Progress} progress */
function fillProgress(progress) {
  const bar = /** @type {HTMLProgressElement} */ (part("deliver-bar"));
  const isOver = ["done", "failed", "cancelled"].includes(progress.state);
  bar.value = progress.state === "done" ? 1 : progress.total > 0 ? progress.done / progress.total : 0;
  const left = progress.eta_s ? ", " + timeText(progress.eta_s) + " left" : "";
  const words = { done: "Done", failed: progress.error ? inWords(progress.error) : "Failed", cancelled: "Stopped" };
  part("deliver-stage").textContent = isOver
    ? words[/** @type {"done"} */ (progress.state)]
    : sentence(progress.stage) + left;
  part("deliver-files").replaceChildren(
    ...(progress.files ?? []).map((file) => element("li", { title: file }, file.split(/[\\/]/).at(-1) ?? file)),
  );
  const pages = progress.pages ?? [];
  const verdicts = Object.entries(progress.verdict ?? {});
  part("deliver-verdicts").replaceChildren(
    ...verdicts.map(([ratio, verdict], at) => verdictRow(ratio, verdict, pages[at])),
    ...Object.entries(progress.refused ?? {}).flatMap(([ratio, formats]) =>
      Object.entries(formats).map(([name, why]) => refusalRow(ratio, name, why)),
    ),
  );
  part("deliver-cancel").hidden = isOver;
  part("deliver-start").hidden = !isOver;
  if (isOver) tell(part("deliver-stage").textContent ?? "");
}

/** @param {string} ratio @param {string} verdict @param {string} [page] address of the verdict in pictures */
function verdictRow(ratio, verdict, page) {
  const row = element(
    "li",
    { class: "verdict " + verdict },
    element("b", {}, ratio + " "),
    VERDICTS[verdict] ?? verdict,
  );
  if (page) row.append(" ", element("a", { href: page, target: "_blank", rel: "noopener" }, "See it in pictures"));
  return row;
}

/** @param {string} ratio @param {string} name of the format @param {string} why */
const refusalRow = (ratio, name, why) =>
  element("li", { class: "verdict REJECTED" }, element("b", {}, ratio + " "), "✕ Not as " + name + ": " + why);

/** @param {Movie} movie */
function fillForm(movie) {
  const shapes = movie.shapes.map(({ ratio }) => /** @type {Choice} */ ([ratio, ratio]));
  const editors = movie.deliveries.flatMap((one) =>
    one.editors.map((editor) => /** @type {Choice} */ ([one.name, EDITORS[editor] ?? editor])),
  );
  const others = movie.deliveries.filter((one) => one.editors.length === 0);
  fillChecks("deliver-shapes", shapes, true);
  fillChecks("deliver-editors", editors, false);
  fillChecks(
    "deliver-others",
    others.map(({ name, title }) => [name, title]),
    false,
  );
}

/** @param {Movie} movie @param {string[]} names */
function fillHints(movie, names) {
  const chosen = movie.deliveries.filter(({ name }) => names.includes(name));
  const rows = chosen.flatMap(({ title, import_hint: hint }) => [element("dt", {}, title), element("dd", {}, hint)]);
  part("deliver-hints").replaceChildren(...rows);
}

/** @param {Actions} actions @param {Saver} saver @param {(error: unknown) => void} onError */
export function createDeliver({ store }, saver, onError) {
  const dialog = /** @type {HTMLDialogElement} */ (part("deliver"));
  let job = "";

  async function start() {
    const { movie } = store.state;
    const wish = {
      ratios: checkedIn("deliver-shapes"),
      deliveries: [...new Set([...checkedIn("deliver-editors"), ...checkedIn("deliver-others")])],
      render: /** @type {HTMLInputElement} */ (part("deliver-render")).checked,
    };
    if (!movie || wish.ratios.length === 0) return tell("Choose a shape first");
    part("deliver-run").hidden = false;
    part("deliver-start").hidden = true;
    part("deliver-stage").textContent = "Saving";
    fillHints(movie, wish.deliveries);
    if (!store.state.saved) await saver.save();
    job = (await api.deliver(movie.id, wish)).job;
    api.follow(job, fillProgress);
  }

  function failed(/** @type {unknown} */ error) {
    part("deliver-start").hidden = false;
    part("deliver-run").hidden = true;
    dialog.close();
    onError(error);
  }

  part("deliver-open").addEventListener("click", () => {
    if (store.state.movie && !job) fillForm(store.state.movie);
    dialog.showModal();
  });
  part("deliver-close").addEventListener("click", () => dialog.close());
  part("deliver-start").addEventListener("click", () => start().catch(failed));
  part("deliver-cancel").addEventListener("click", () => api.cancel(job).catch(failed));
  part("deliver-folder").addEventListener("click", () => api.openFolder(store.state.movie?.id ?? "").catch(failed));
}
