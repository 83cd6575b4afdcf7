// @ts-check

/** Making and finding elements. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number | boolean | ((event: any) => void)>} Given */

/** @param {Element} made @param {Given} given @param {(Node | string)[]} children */
function filled(made, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else made.setAttribute(name, String(value));
  }
  made.append(...children);
}

/** An element; functions among what is given listen to the event of that name.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Given} [given] @param {(Node | string)[]} children @returns {HTMLElementTagNameMap[K]} */
export function element(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  filled(made, given, children);
  return made;
}

/** @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Given} [given] @param {(Node | string)[]} children @returns {SVGElementTagNameMap[K]} */
export function drawing(tag, given = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  filled(made, given, children);
  return made;
}

/** @param {Element} made @param {Given} given */
export const change = (made, given) => filled(made, given, []);

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const part = (id) => /** @type {T} */ (document.getElementById(id));

/** Tell it to those who hear the page. @param {string} text */
export function tell(text) {
  part("live").textContent = text;
  part("status").textContent = text;
}
