// @ts-check

/**
 * Frames of the source and seconds of the proxy, both ways.
 * @typedef {import("./types").Movie} Movie
 */

/** @param {number[]} times rising @param {number} time @returns {number} index of the nearest */
function nearest(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - times[low - 1] < times[low] - time ? low - 1 : low;
}

/** A clock of a movie. Seeking aims at the middle of a frame: its very start shows the frame before it as often as not.
 * @param {Pick<Movie, "rate" | "frame_count" | "proxy">} movie */
export function clockOf({ rate, frame_count: count, proxy }) {
  const perSecond = rate[0] / rate[1];
  const times = proxy.frames;
  const end = count - 1;
  const within = (/** @type {number} */ frame) => Math.min(Math.max(Math.round(frame), 0), end);
  return {
    end,
    perSecond,
    within,
    /** Where to seek to. @param {number} frame */
    seekTime(frame) {
      const index = within(frame);
      if (!times) return (index + 0.5) / perSecond;
      return (times[index] + (times[index + 1] ?? times[index] + 1 / perSecond)) / 2;
    },
    /** The frame that begins at a time. @param {number} time */
    frameAt(time) {
      return within(times ? nearest(times, time) : time * perSecond);
    },
    /** Seconds since the first frame. @param {number} frame */
    seconds: (frame) => (times ? times[within(frame)] : frame / perSecond),
  };
}

/** @typedef {ReturnType<typeof clockOf>} Clock */

/** @param {number} seconds @param {number} [digits] after the point */
export function timeText(seconds, digits = 0) {
  const tens = 10 ** digits;
  const whole = Math.floor(seconds * tens + 1e-6) / tens;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return (hours ? hours + ":" + String(minutes).padStart(2, "0") : String(minutes)) + ":" + rest;
}
