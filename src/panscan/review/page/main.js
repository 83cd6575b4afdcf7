// @ts-check

/** Opens a movie and puts the parts of the page together. */

import { createActions } from "./actions.js";
import * as api from "./api.js";
import { clockOf } from "./clock.js";
import { askWhich } from "./conflict.js";
import { withEntries } from "./corrections.js";
import { createDeliver } from "./deliver.js";
import { part, tell } from "./dom.js";
import { createInspector } from "./inspector.js";
import { listenToKeys } from "./keyboard.js";
import { showMovies, untilReady } from "./movie_list.js";
import { createOverview } from "./overview.js";
import { keepPlanned } from "./planner.js";
import { createPlayer } from "./player.js";
import { createResultView } from "./result_view.js";
import { createSaver } from "./saver.js";
import { createShotList } from "./shot_list.js";
import { createSourceView } from "./source_view.js";
import { FIRST, createStore } from "./store.js";
import { keepSubjects } from "./subjects.js";
import { listenToTheme } from "./theme.js";
import { createTimelineStrip } from "./timeline_strip.js";
import { createToolbar } from "./toolbar.js";

/** @typedef {import("./types").Movie} Movie */

/** @param {unknown} error */
function showTrouble(error) {
  part("trouble").hidden = false;
  part("trouble-text").textContent = error instanceof Error ? error.message : String(error);
}

/** @param {Movie} movie */
function createViews(movie) {
  const store = createStore({ ...FIRST, movie });
  const clock = clockOf(movie);
  /** @type {{draw: () => void} | null} */
  let result = null;
  const player = createPlayer(/** @type {HTMLVideoElement} */ (part("video")), clock, {
    onFrame(frame) {
      if (store.state.playing) actions.follow(frame);
      result?.draw();
    },
    onPlaying: (playing) => store.set({ playing }),
  });
  const actions = createActions(store, player, clock);
  createShotList(actions);
  createSourceView(actions);
  result = createResultView(actions);
  createOverview(actions);
  createTimelineStrip(actions);
  createInspector(actions);
  keepSubjects(store, showTrouble);
  keepPlanned(store, showTrouble);
  return actions;
}

/** @param {string} id */
async function openMovie(id) {
  const [movie, draft] = await Promise.all([api.movie(id), api.draft(id)]);
  const ratio = movie.shapes[0].ratio;
  const [shape, turns] = await Promise.all([api.shape(id, ratio), api.speakers(id)]);
  part("desk").hidden = false;
  part("name").textContent = movie.name;
  document.title = movie.name + " · panscan review";
  const actions = createViews(movie);
  const { store, player } = actions;
  const saver = createSaver(store, draft, {
    onError: showTrouble,
    onConflict: (theirs) => askWhich(store.state.now.corrections, theirs),
  });
  const save = () => {
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur(); // its note counts then
    saver.save().then((isDone) => isDone && tell("Saved, and the timelines are made again"), showTrouble);
  };
  createToolbar(actions, { save });
  createDeliver(actions, saver, showTrouble);
  listenToKeys(actions, { save });
  player.video.src = movie.proxy.url;
  part("sound").hidden = !movie.has_sound;
  part("desk").classList.toggle("cut", movie.is_cut === true);
  const base = draft.corrections;
  const shapes = { [ratio]: { ...shape, shots: withEntries(shape.shots, base) } };
  const now = { corrections: base, shapes, planned: { [ratio]: base } };
  const saving = draft.saved ? "saved" : "draft";
  store.set({ now, base, baseEtag: draft.etag, ratio, turns, told: draft.told, saved: draft.saved, saving });
  player.seek(0);
}

async function start() {
  if (!("requestVideoFrameCallback" in HTMLVideoElement.prototype)) {
    throw new Error("This browser is too old. It does not tell which frame it shows. Take a newer one.");
  }
  part("trouble-close").addEventListener("click", () => (part("trouble").hidden = true));
  window.addEventListener("hashchange", () => location.reload());
  const rows = await api.movies();
  const id = decodeURIComponent(location.hash.slice(1)) || (rows.length === 1 ? rows[0].id : "");
  part("home").hidden = rows.length < 2;
  if (!id) return showMovies();
  const row = await untilReady(id);
  if (!row || row.state === "failed") return showMovies();
  part("movies").hidden = true;
  return openMovie(id);
}

listenToTheme();
start().catch(showTrouble);
