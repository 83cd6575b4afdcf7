"use strict";
// What Premiere shows of a sequence, from what its clips hold: written from the host's side, apart from the panel.

const LINEAR = 0;
const HOLD = 4;
const NAMES = ["Posição", "Escala", "Largura da escala", " ", "Rotação", "Ponto de ancoragem", "Filtro anticintilação"];
const CROPS = ["Cortar à esquerda", "Cortar acima", "Cortar à direita", "Cortar abaixo"];

/** A new clip's Motion; `count` parameters, as older versions have fewer. */
function motionParams(count, changed = {}) {
  const values = [{ x: 0.5, y: 0.5 }, 100, 100, true, 0, { x: 0.5, y: 0.5 }, 0, 0, 0, 0, 0];
  return [...NAMES, ...CROPS].slice(0, count).map((name, index) => ({
    name,
    isPoint: index === 0 || index === 5,
    value: changed[index] ?? values[index],
    varying: false,
    keys: new Map(), // tick string -> {value, mode}
  }));
}

function between(a, b, share) {
  return typeof a === "object"
    ? { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share }
    : a + (b - a) * share;
}

/** The value at a time: keys hold outside, and those whose mode nobody set run in an S. */
function valueAt(param, ticks) {
  if (!param.varying) return param.value;
  const keys = [...param.keys].map(([at, key]) => ({ at: Number(at), ...key })).sort((a, b) => a.at - b.at);
  if (keys.length === 0) return param.value;
  if (ticks <= keys[0].at) return keys[0].value;
  for (let n = 1; n < keys.length; n++) {
    if (ticks >= keys[n].at) continue;
    const { at, value, mode } = keys[n - 1];
    if (mode === HOLD) return value;
    const share = (ticks - at) / (keys[n].at - at);
    return between(value, keys[n].value, mode === LINEAR ? share : share * share * (3 - 2 * share));
  }
  return keys[keys.length - 1].value;
}

/** Per track and record frame: where the picture lies, and what of it is left after its crop. */
function shown(sequence, rate) {
  const perFrame = (254016000000 * rate[1]) / rate[0];
  return sequence.tracks.map((track) => {
    const frames = {};
    for (const item of track) {
      if (item.disabled) continue;
      for (let frame = Math.round(item.start / perFrame); frame < Math.round(item.end / perFrame); frame++) {
        const ticks = item.in + Math.round(frame * perFrame) - item.start;
        const [position, percent, , , , anchor, , ...crop] = item.motion.map((param) => valueAt(param, ticks));
        const scale = percent / 100;
        const [width, height] = item.size;
        const cut = crop.length === 4 ? crop.map((side) => side / 100) : [0, 0, 0, 0];
        frames[frame] = {
          file: item.file,
          media_frame: Math.round((ticks - item.clock) / perFrame) + item.begin,
          scale,
          left: position.x * sequence.width - anchor.x * width * scale,
          top: position.y * sequence.height - anchor.y * height * scale,
          shown: [cut[0] * width, cut[1] * height, (1 - cut[2]) * width, (1 - cut[3]) * height],
        };
      }
    }
    return frames;
  });
}

module.exports = { motionParams, shown, valueAt };
