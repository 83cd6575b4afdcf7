// @ts-check
"use strict";

/**
 * Premiere's theme as the class of the page. `document.theme` is Premiere's own (Adobe, Premiere UXP recipe "CSS
 * Styling"); without it the page stays dark, as Premiere comes.
 */

const THEMES = ["light", "dark", "darkest"];

/** @param {unknown} name */
function wear(name) {
  document.body.className = THEMES.includes(String(name)) ? String(name) : "dark";
}

function followTheme() {
  const { theme } = /** @type {{theme?: HostTheme}} */ (/** @type {unknown} */ (document));
  if (!theme) return;
  wear(theme.getCurrent());
  theme.onUpdated.addListener(wear);
}

module.exports = { followTheme };
