// @ts-check

/**
 * The movies to choose from, where there are several.
 * @typedef {import("./types").MovieRow} MovieRow
 */

import * as api from "./api.js";
import { timeText } from "./clock.js";
import { element, part } from "./dom.js";
import { counted, inWords, sentence } from "./words.js";

const POLL_MS = 1000;

/** @param {MovieRow} row */
const isBusy = (row) => row.state === "waiting" || row.state === "analysing";

/** @param {MovieRow} row */
function stateOf(row) {
  if (row.state === "failed") return row.error ? inWords(row.error) : "It cannot be read.";
  if (row.state === "waiting") return "Waits";
  if (row.state === "analysing")
    return sentence(row.stage || "being looked at") + ": " + Math.round(row.percent) + " %";
  const look = row.worth_a_look ? row.worth_a_look + " worth a look" : "nothing worth a look";
  return [counted(row.shots ?? 0, "shot"), look, row.edited ? counted(row.edited, "correction") : ""]
    .filter(Boolean)
    .join(", ");
}

/** @param {MovieRow} row */
function card(row) {
  const isReady = row.state === "ready";
  const length = row.duration_s === undefined ? "" : timeText(row.duration_s) + " · ";
  const text = element("div", {}, element("b", {}, row.name), element("p", {}, length + row.shapes.join(", ")));
  text.append(element("p", { class: row.state }, stateOf(row)));
  if (row.state === "analysing")
    text.append(element("progress", { max: 100, value: row.percent, "aria-label": "How far" }));
  const picture = isReady ? [element("img", { src: api.thumbnail(row.id, 0), alt: "", loading: "lazy" })] : [];
  const inner = [element("div", { class: "frame" }, ...picture), text];
  const link = isReady
    ? element("a", { class: "card", href: "#" + row.id }, ...inner)
    : element("div", { class: "card" }, ...inner);
  return element("li", {}, link);
}

/** Cards that are shown, by what they say: one that says the same stays, and so does the focus on it.
 * @type {Map<string, HTMLElement>} */
let cards = new Map();

/** @param {MovieRow[]} rows */
function fill(rows) {
  const before = cards;
  cards = new Map(rows.map((row) => [JSON.stringify(row), before.get(JSON.stringify(row)) ?? card(row)]));
  const list = part("movie-list");
  [...cards.values()].forEach((made, at) => {
    if (list.children[at] !== made) list.insertBefore(made, list.children[at] ?? null);
  });
  while (list.children.length > cards.size) list.lastElementChild?.remove();
}

/** Shows the movies and follows them until all have been looked at. */
export async function showMovies() {
  part("movies").hidden = false;
  const rows = await api.movies();
  fill(rows);
  if (rows.some(isBusy)) window.setTimeout(() => void showMovies(), POLL_MS);
}

/** Waits until a movie has been looked at. @param {string} id */
export async function untilReady(id) {
  for (;;) {
    const row = (await api.movies()).find((each) => each.id === id);
    if (!row || !isBusy(row)) return row;
    part("movies").hidden = false;
    part("movies-title").textContent = "One moment";
    fill([row]);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
