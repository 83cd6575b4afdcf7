// @ts-check

/**
 * The one state of the page. Decisions are never changed in place, so that undo is a list of older ones.
 * @typedef {import("./types").State} State
 * @typedef {import("./types").Decisions} Decisions
 */

const MOST_STEPS = 200; // of undo: hours of work, and shapes share what did not change

/** @type {Decisions} */
const NOTHING = { corrections: [], shapes: {}, planned: {} };

/** @type {State} */
export const FIRST = {
  movies: [],
  movie: null,
  now: NOTHING,
  past: [],
  future: [],
  base: [],
  baseEtag: "",
  ratio: "",
  together: false,
  frame: 0,
  playing: false,
  cell: 0,
  pull: null,
  chosen: [],
  path: "x",
  worth: false,
  scope: "shot",
  allShapes: false,
  guides: false,
  subjects: [],
  turns: [],
  saving: "saved",
  saved: true,
  told: [],
};

/** @param {State} [first] */
export function createStore(first = FIRST) {
  let state = first;
  let before = first;
  let waiting = false;
  /** @type {((state: State, before: State) => void)[]} */
  const listeners = [];

  function notify() {
    const last = before;
    waiting = false;
    before = state;
    for (const listener of listeners) listener(before, last);
  }

  /** @param {Partial<State>} patch */
  function set(patch) {
    state = { ...state, ...patch };
    if (waiting) return;
    waiting = true;
    queueMicrotask(notify); // once for all that one event changes
  }

  return {
    /** @returns {State} */
    get state() {
      return state;
    },
    set,
    /** @param {(state: State, before: State) => void} listener */
    subscribe: (listener) => void listeners.push(listener),
    /** A step that undo takes back. @param {Decisions} now */
    commit(now) {
      set({ past: [...state.past, state.now].slice(-MOST_STEPS), now, future: [] });
    },
    undo() {
      const last = state.past.at(-1);
      if (last) set({ past: state.past.slice(0, -1), now: last, future: [state.now, ...state.future] });
      return last !== undefined;
    },
    redo() {
      const [next, ...rest] = state.future;
      if (next) set({ past: [...state.past, state.now], now: next, future: rest });
      return next !== undefined;
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
