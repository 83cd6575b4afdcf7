// @ts-check

/**
 * What people read.
 * @typedef {import("./types").Trouble} Trouble
 */

/** @type {Record<string, [string, string]>} a sign and words, so that no colour stands alone */
export const BADGES = {
  worth_a_look: ["?", "worth a look"],
  edited: ["✎", "by hand"],
  bars: ["▭", "bars"],
  text_cut: ["T", "text cut"],
  enlarged: ["⤢", "enlarged"],
  unmet: ["!", "not as wanted"],
};

/** @type {Record<string, string>} */
export const VERDICTS = {
  VERIFIED: "✓ Verified: the movie is what the timeline says",
  DELIVERED_WITH_QUALITY_FLAGS: "! Delivered, with remarks: see its page",
  REJECTED: "✕ Rejected: see its page",
};

/** @param {number} count @param {string} one */
export const counted = (count, one) => count + " " + one + (count === 1 ? "" : "s");

/** A text with a capital, unless it begins with the name of a file. @param {string} text */
export const sentence = (text) => (/^\S+\.\w/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));

/** @param {Trouble} trouble */
export const inWords = ({ what, why, fix }) =>
  [sentence(what).replace(/\.?$/, "."), why && sentence(why).replace(/\.?$/, "."), fix && sentence(fix)]
    .filter(Boolean)
    .join(" ");

/** The name of a subject, or of several together, for people: person-2 is "person 2", a name that was given stays.
 * @param {string | null | undefined} subject */
export const nameOf = (subject) =>
  (subject || "nobody")
    .split("+")
    .map((name) => name.replace(/-(\d+)$/, " $1"))
    .join(" and ");
