// @ts-check

/**
 * One video element for all views. Which picture is on the screen is told by the browser's own callback: the current
 * time may be ahead of it.
 * @typedef {import("./clock.js").Clock} Clock
 */

const FASTEST = 4; // times: faster than that the eye follows no crop
const UNTOLD_MS = 150; // after a seek, for the browser to tell of its picture: it leaves out some when many come at once

/** @param {HTMLVideoElement} video @param {Clock} clock
 * @param {{onFrame: (frame: number) => void, onPlaying: (playing: boolean) => void}} events */
export function createPlayer(video, clock, { onFrame, onPlaying }) {
  let shown = 0;
  /** @type {number | null} the seek that comes after the one under way */
  let wish = null;
  /** @type {number | null} the frame of the last seek; none where the movie was played since */
  let sought = null;
  let backwards = 0; // frames a second

  /** @param {number} frame */
  function seek(frame) {
    wish = clock.within(frame);
    if (!video.seeking && video.readyState > 0) go();
  }

  function go() {
    if (wish === null) return;
    sought = wish;
    wish = null;
    video.currentTime = clock.seekTime(sought);
  }

  /** Where no other seek follows, the picture of this one stays. */
  function settle() {
    if (sought === null || wish !== null || video.seeking || !video.paused || shown === sought) return;
    shown = sought;
    onFrame(shown);
  }

  /** @param {number} _now @param {{mediaTime: number}} picture */
  function presented(_now, picture) {
    shown = clock.frameAt(picture.mediaTime);
    onFrame(shown);
    video.requestVideoFrameCallback(presented);
  }

  /** @param {number} from a frame, with its share @param {number} since when it was, ms */
  function goBack(from, since) {
    if (backwards === 0) return;
    const now = performance.now();
    const frame = from - ((now - since) / 1000) * backwards;
    seek(frame);
    if (frame > 0) requestAnimationFrame(() => goBack(frame, now));
    else stop();
  }

  function stop() {
    backwards = 0;
    video.pause();
    onPlaying(false);
  }

  video.addEventListener("seeked", () => {
    go();
    setTimeout(settle, UNTOLD_MS);
  });
  video.addEventListener("loadedmetadata", go);
  video.addEventListener("ended", stop);
  video.requestVideoFrameCallback(presented);

  return {
    video,
    seek,
    stop,
    /** The frame that is on the screen. */
    get shown() {
      return shown;
    },
    /** Play on, faster each time. */
    play() {
      video.playbackRate = video.paused ? 1 : Math.min(FASTEST, 2 * video.playbackRate);
      backwards = 0;
      sought = null;
      video.play().catch(stop); // the browser may forbid it, or a stop came first
      onPlaying(true);
    },
    /** Play backwards, faster each time. */
    back() {
      video.pause();
      const isGoing = backwards > 0;
      backwards = isGoing ? Math.min(FASTEST * clock.perSecond, 2 * backwards) : clock.perSecond;
      onPlaying(true);
      if (!isGoing) goBack(shown, performance.now());
    },
  };
}

/** @typedef {ReturnType<typeof createPlayer>} Player */
