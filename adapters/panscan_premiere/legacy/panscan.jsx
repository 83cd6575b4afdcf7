/*
 * Panscan for Premiere Pro up to 25.x (ExtendScript). Newer versions: use the panel.
 *
 * Reads the same plan as the panel and writes the same numbers: on a copy of the active sequence, or again on the
 * active sequence if that has the plan's size already. Position is a fraction of the sequence's frame, y down; keys
 * lie in media time (Premiere Pro scripting guide, "ComponentParam object" and "TrackItem object").
 */
(function () {
    var FORMAT = "panscan-premiere-plan";
    var MOTION = "AE.ADBE Motion";
    var POSITION = 0, SCALE = 1, UNIFORM = 3, ROTATION = 4, ANCHOR = 5;
    var CROPS = [[7, "left"], [8, "top"], [9, "right"], [10, "bottom"]];
    var LINEAR = 0;

    // --- JSON: this JavaScript has none, and running a file as code would trust it with everything.

    function parse(text) {
        var at = 0;
        var escapes = { "\"": "\"", "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

        function fail() {
            throw new Error("This file is not a plan: it is not JSON.");
        }
        function space() {
            while (at < text.length && " \t\r\n".indexOf(text.charAt(at)) >= 0) { at += 1; }
        }
        function expect(mark) {
            if (text.charAt(at) !== mark) { fail(); }
            at += 1;
        }
        function string() {
            var made = "", mark;
            expect("\"");
            while (text.charAt(at) !== "\"") {
                if (at >= text.length) { fail(); }
                mark = text.charAt(at);
                at += 1;
                if (mark === "\\") {
                    mark = text.charAt(at);
                    at += 1;
                    if (mark === "u") {
                        made += String.fromCharCode(parseInt(text.substr(at, 4), 16));
                        at += 4;
                    } else if (escapes.hasOwnProperty(mark)) {
                        made += escapes[mark];
                    } else {
                        fail();
                    }
                } else {
                    made += mark;
                }
            }
            at += 1;
            return made;
        }
        function list(close, item) {
            at += 1;
            space();
            if (text.charAt(at) === close) { at += 1; return; }
            while (true) {
                item();
                space();
                if (text.charAt(at) !== ",") { break; }
                at += 1;
                space();
            }
            expect(close);
        }
        function word(name, meaning) {
            if (text.substr(at, name.length) !== name) { fail(); }
            at += name.length;
            return meaning;
        }
        function value() {
            var made, found;
            space();
            switch (text.charAt(at)) {
            case "{":
                made = {};
                list("}", function () {
                    var key = string();
                    space();
                    expect(":");
                    made[key] = value();
                });
                return made;
            case "[":
                made = [];
                list("]", function () { made.push(value()); });
                return made;
            case "\"": return string();
            case "t": return word("true", true);
            case "f": return word("false", false);
            case "n": return word("null", null);
            }
            found = /^-?\d+(\.\d+)?([eE][+\-]?\d+)?/.exec(text.substr(at, 40));
            if (!found) { fail(); }
            at += found[0].length;
            return Number(found[0]);
        }

        var whole = value();
        space();
        if (at !== text.length) { fail(); }
        return whole;
    }

    // --- matching, as in the panel: by media file and by the frames that are shown

    function plainPath(path) {
        var slashed = String(path).replace(/\\/g, "/").replace(/^\/\/\?\//, "");
        return (/^[A-Za-z]:\//).test(slashed) ? slashed.toLowerCase() : slashed;
    }

    function baseName(path) {
        return plainPath(path).replace(/^.*\//, "").toLowerCase();
    }

    function overlap(item, clip) {
        var first = Number(clip.in_ticks), end = Number(clip.out_ticks), frame = Number(clip.frame_ticks);
        var clocks = clip.still ? [item.inTicks - first] :
            clip.media_start_ticks === "0" ? [0] : [0, Number(clip.media_start_ticks)];
        var best = null, n, from, to, shared, exact;
        for (n = 0; n < clocks.length; n += 1) {
            from = item.inTicks - clocks[n];
            to = item.outTicks - clocks[n];
            shared = Math.min(to, end) - Math.max(from, first);
            exact = Math.max(Math.abs(from - first), Math.abs(to - end)) < 0.75 * frame;
            if (best === null || (exact && !best.exact) || (exact === best.exact && shared > best.shared)) {
                best = { clock: clocks[n], shared: shared, exact: exact };
            }
        }
        return best;
    }

    function clipFor(item, clips, byName) {
        var best = null, n, found, away, same, better;
        for (n = 0; n < clips.length; n += 1) {
            same = byName ? baseName(clips[n].file) === baseName(item.file)
                : plainPath(clips[n].file) === plainPath(item.file);
            if (!same) { continue; }
            found = overlap(item, clips[n]);
            if (!found.exact && found.shared < 0.5 * (item.outTicks - item.inTicks)) { continue; }
            away = Math.abs(item.startTicks - Number(clips[n].start_ticks));
            better = best === null || (found.exact && !best.exact) || (found.exact === best.exact &&
                (found.exact ? away < best.away : found.shared > best.shared ||
                    (found.shared === best.shared && away < best.away)));
            if (better) {
                best = {
                    clip: clips[n], number: n, clock: found.clock, exact: found.exact, shared: found.shared, away: away
                };
            }
        }
        return best;
    }

    function itemsOf(sequence) {
        var items = [], t, c, clip, path;
        for (t = 0; t < sequence.videoTracks.numTracks; t += 1) {
            for (c = 0; c < sequence.videoTracks[t].clips.numItems; c += 1) {
                clip = sequence.videoTracks[t].clips[c];
                path = clip.projectItem ? clip.projectItem.getMediaPath() : "";
                if (!path) { continue; }
                items.push({
                    clip: clip, track: t, file: path,
                    inTicks: Number(clip.inPoint.ticks), outTicks: Number(clip.outPoint.ticks),
                    startTicks: Number(clip.start.ticks), endTicks: Number(clip.end.ticks),
                    reversed: Boolean(clip.isSpeedReversed())
                });
            }
        }
        return items;
    }

    function stacksOf(plan, items) {
        var known = {}, here = [], moved = [], byKey = {}, found = [], n, match, key;
        for (n = 0; n < items.length; n += 1) { known[plainPath(items[n].file)] = true; }
        for (n = 0; n < plan.clips.length; n += 1) {
            (known[plainPath(plan.clips[n].file)] === true ? here : moved).push(plan.clips[n]);
        }
        for (n = 0; n < items.length; n += 1) { // track by track from below
            match = clipFor(items[n], here, false) || clipFor(items[n], moved, true);
            if (match === null) { continue; }
            key = [match.clip.id, items[n].startTicks, items[n].inTicks, items[n].outTicks].join(" ");
            if (byKey.hasOwnProperty(key)) {
                byKey[key].items.push(items[n]);
            } else {
                byKey[key] = { clip: match.clip, items: [items[n]], clock: match.clock, trimmed: !match.exact };
                found.push(byKey[key]);
            }
        }
        return found;
    }

    // --- Motion

    function motionOf(clip) {
        var n;
        for (n = 0; n < clip.components.numItems; n += 1) {
            if (clip.components[n].matchName === MOTION) { return clip.components[n].properties; }
        }
        throw new Error("It has no Motion.");
    }

    function timeOf(ticks) {
        var time = new Time();
        time.ticks = String(ticks);
        return time;
    }

    function write(param, ticks, values) {
        var old, n, time;
        if (param.isTimeVarying()) {
            old = param.getKeys();
            for (n = old.length - 1; n >= 0; n -= 1) { param.removeKey(old[n]); }
        }
        if (values.length === 1) {
            if (param.isTimeVarying()) { param.setTimeVarying(false); }
            param.setValue(values[0], true);
            return;
        }
        param.setTimeVarying(true);
        for (n = 0; n < values.length; n += 1) {
            time = timeOf(ticks[n]);
            param.addKey(time);
            param.setValueAtKey(time, values[n], true);
            param.setInterpolationTypeAtKey(time, LINEAR, true);
        }
    }

    function times(curve, clock) {
        var made = [], n;
        for (n = 0; n < curve.ticks.length; n += 1) { made.push(Number(curve.ticks[n]) + clock); }
        return made;
    }

    function writeLayer(clip, layer, clock) {
        var motion = motionOf(clip), points = [], n, hasCrop = motion.numItems > CROPS[3][0];
        for (n = 0; n < layer.position.x.length; n += 1) {
            points.push([layer.position.x[n], layer.position.y[n]]);
        }
        write(motion[ANCHOR], [0], [[0.5, 0.5]]);
        write(motion[ROTATION], [0], [0]);
        write(motion[UNIFORM], [0], [true]);
        write(motion[POSITION], times(layer.position, clock), points);
        write(motion[SCALE], times(layer.scale, clock), layer.scale.percent);
        for (n = 0; n < CROPS.length && hasCrop; n += 1) {
            if (layer.crop === null) {
                write(motion[CROPS[n][0]], [0], [0]);
            } else {
                write(motion[CROPS[n][0]], times(layer.crop, clock), layer.crop[CROPS[n][1]]);
            }
        }
        return layer.crop === null || hasCrop ? "" : "Its Motion has no crop: cut the cell off with the Crop effect.";
    }

    // --- the sequence

    function sequences() {
        var made = [], n;
        for (n = 0; n < app.project.sequences.numSequences; n += 1) { made.push(app.project.sequences[n]); }
        return made;
    }

    function copyOf(sequence, name) {
        // clone() says only whether it worked: the copy is the sequence that was not there before.
        var before = {}, all = sequences(), n, copy = null;
        for (n = 0; n < all.length; n += 1) { before[all[n].sequenceID] = true; }
        sequence.clone();
        all = sequences();
        for (n = 0; n < all.length; n += 1) {
            if (before[all[n].sequenceID] !== true) { copy = all[n]; }
        }
        if (copy === null) { throw new Error("Premiere did not copy the sequence."); }
        copy.name = name;
        return copy;
    }

    function hasSize(sequence, size) {
        var settings = sequence.getSettings();
        return settings.videoFrameWidth === size[0] && settings.videoFrameHeight === size[1];
    }

    function resize(sequence, size) {
        var settings = sequence.getSettings();
        settings.videoFrameWidth = size[0];
        settings.videoFrameHeight = size[1];
        sequence.setSettings(settings);
        if (!hasSize(sequence, size)) {
            throw new Error("Premiere kept its frame size. Set " + size.join(" x ") + " by hand and run this again.");
        }
    }

    function apply(plan) {
        var sequence = app.project.activeSequence, lines = [], seen = {}, n, k, stacks, stack, note, lowest, frame;
        if (!sequence) { throw new Error("Open the sequence that the plan was made for first."); }
        if (!hasSize(sequence, plan.canvas_px)) {
            sequence = copyOf(sequence, sequence.name + " " + plan.canvas_px.join("x"));
            resize(sequence, plan.canvas_px);
            app.project.openSequence(sequence.sequenceID);
        }
        stacks = stacksOf(plan, itemsOf(sequence));
        for (n = 0; n < stacks.length; n += 1) {
            stack = stacks[n];
            seen[stack.clip.id] = true;
            lowest = stack.items[0];
            frame = Number(stack.clip.frame_ticks);
            if (lowest.reversed || Math.abs(lowest.outTicks - lowest.inTicks - lowest.endTicks + lowest.startTicks) >
                    0.75 * frame) {
                lines.push("left: " + stack.clip.name + ". Its speed was changed.");
                continue;
            }
            note = stack.trimmed ? " Trimmed since the plan was made." : "";
            for (k = 0; k < stack.clip.layers.length && k < stack.items.length; k += 1) {
                note += " " + writeLayer(stack.items[k].clip, stack.clip.layers[k], stack.clock);
            }
            if (stack.items.length < stack.clip.layers.length) {
                note += " Cells are missing: copy the clip to the tracks above it and run this again.";
            }
            lines.push("done: " + stack.clip.name + "." + note);
        }
        for (n = 0; n < plan.clips.length; n += 1) {
            if (seen[plan.clips[n].id] !== true) { lines.push("missing: " + plan.clips[n].name + "."); }
        }
        return lines;
    }

    function main() {
        var file = File.openDialog("Choose a plan made by panscan", "*.json"), text, plan;
        if (!file) { return; }
        file.encoding = "UTF-8";
        if (!file.open("r")) { throw new Error("The file cannot be opened."); }
        text = file.read();
        file.close();
        plan = parse(text);
        if (plan.format !== FORMAT || plan.version !== 1) {
            throw new Error("This file is not a plan. Make one with: panscan deliver CUT.otio --to premiere-plan");
        }
        alert(apply(plan).join("\n"), "Panscan");
    }

    try {
        main();
    } catch (error) {
        alert(error.message, "Panscan", true);
    }
}());
