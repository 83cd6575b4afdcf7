// @ts-check

/**
 * Two drafts of one movie: a person says which one holds.
 * @typedef {import("./types").Entry} Entry
 */

import { element, part } from "./dom.js";

/** @param {Entry} entry */
function inWords(entry) {
  const where =
    entry.shot !== undefined ? "shot " + entry.shot : "frame " + [entry.frame ?? entry.from].flat().join(" to ");
  const what =
    entry.subject ??
    entry.layout ??
    entry.note ??
    (entry.keys ? "moved by hand" : entry.fit ? "whole picture" : "changed");
  return where + (entry.ratio ? ", " + entry.ratio : "") + ": " + what;
}

/** @param {string} id @param {Entry[]} entries */
const fill = (id, entries) =>
  part(id).replaceChildren(
    ...(entries.length ? entries.map(inWords) : ["nothing"]).map((text) => element("li", {}, text)),
  );

/** @param {Entry[]} mine @param {Entry[]} theirs @returns {Promise<"mine" | "theirs">} */
export function askWhich(mine, theirs) {
  const dialog = /** @type {HTMLDialogElement} */ (part("conflict"));
  fill("conflict-mine", mine);
  fill("conflict-theirs", theirs);
  dialog.showModal();
  return new Promise((resolve) => {
    const choose = (/** @type {"mine" | "theirs"} */ which) => () => {
      dialog.close();
      resolve(which);
    };
    part("keep-mine").onclick = choose("mine");
    part("take-theirs").onclick = choose("theirs");
    dialog.oncancel = choose("mine");
  });
}
