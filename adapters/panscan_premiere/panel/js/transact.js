// @ts-check
"use strict";

/**
 * One undo step. Since Premiere 26.3 every action must be made while the project is locked, and none may be made
 * before the transaction that takes it (Adobe, Premiere UXP changelog, 26.3). Nothing in here may wait.
 * @typedef {import("@adobe/premierepro").Project} Project
 * @typedef {import("@adobe/premierepro").CompoundAction} CompoundAction
 */

/**
 * @param {Project} project
 * @param {string} label in the Edit menu and the History panel
 * @param {(compound: CompoundAction) => void} fill
 */
function transact(project, label, fill) {
  let done = false;
  /** @type {unknown} */
  let failure = null;
  project.lockedAccess(() => {
    done = project.executeTransaction((compound) => {
      try {
        fill(compound);
      } catch (error) {
        failure = error; // the host may keep it to itself
        throw error;
      }
    }, label);
  });
  if (failure !== null) throw failure;
  if (!done) throw new Error("Premiere refused: " + label);
}

module.exports = { transact };
