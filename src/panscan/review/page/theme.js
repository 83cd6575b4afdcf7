// @ts-check

/** Dark or light: as the system has it, until the person chooses. */

import { part } from "./dom.js";

const KEPT = "panscan-theme";

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

/** @param {string} theme */
function wear(theme) {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event("themechange"));
}

export function listenToTheme() {
  const kept = localStorage.getItem(KEPT);
  if (kept) wear(kept);
  part("theme").addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    localStorage.setItem(KEPT, theme);
    wear(theme);
  });
}
