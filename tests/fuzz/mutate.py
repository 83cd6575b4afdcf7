"""Damage to inputs: by bytes for all of them, and by the form of each kind. All of it follows from the dice."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any

from lxml import etree

STRANGE = [
    "", "-1", "0", "1/0s", "-5/25s", "NaN", "inf", "1e309", "9" * 40, "9" * 40 + "/1s", "0.1", "25.5", "TRUE",
    "\u202e", "a" * 5000, "../../../etc/passwd", "http://127.0.0.1:9/x.mov", "file:///dev/zero", "%00", "{}", "１２",
    "99:99:99:99", "24:00:00;00", "[]", "\ud800".encode("utf-8", "replace").decode(), "é" * 300,
]  # fmt: skip
VALUES: list[Any] = [
    0, -1, 1, 1e300, -1e18, float("nan"), float("inf"), 1e-300, 25.5, 2**31, 2**62, 2**63, 2**80, "25", None, [], {},
    True, "", "x" * 5000, [[]], {"a": {"b": {}}},
]  # fmt: skip
SCHEMAS = [
    "Clip.99",
    "Nothing.1",
    "UnknownSchema.1",
    "Clip",
    "",
    "Timeline.1",
    "Stack.1",
    "Gap.1",
    "RationalTime.1",
    "Track.0",
    "Box.-1",
]
_LENGTHS = [0, 1, 7, 8, 2**15, 2**16 - 1, 2**24, 2**31 - 1, 2**31, 2**32 - 1]
_HEAD_BYTES, _TAIL_BYTES = 800, 2500  # where containers keep what they say of themselves
_DEEP = [50, 900, 20_000]  # below, about and far above what recursion bears


def mutated(kind: str, content: bytes, dice: random.Random) -> bytes:
    """One to three pieces of damage: to the values of the input's form, which stays readable, or to any bytes."""
    by_form = {"otio": _json, "framed": _json, "fcpxml": _xml, "xmeml": _xml, "media": _fields}.get(kind, _lines)
    damage = by_form if dice.random() < 0.75 else _bytes
    for _ in range(dice.choice([1, 1, 2, 3])):
        content = damage(content, dice) or b"\n"
    if kind != "media" and dice.random() < 0.08:
        content = _encoded(content, dice)
    return content


def _place(content: bytes, dice: random.Random) -> int:
    """Somewhere, more often in the head and the tail."""
    where = dice.random()
    if where < 0.35:
        return dice.randrange(min(len(content), _HEAD_BYTES))
    if where < 0.7:
        return len(content) - 1 - dice.randrange(min(len(content), _TAIL_BYTES))
    return dice.randrange(len(content))


def _bytes(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    at = _place(content, dice)
    length = min(len(content), dice.choice([1, 4, 16, 100, 1000]))
    act = dice.choice(["flip", "set", "cut off", "double", "lose", "zero", "insert", "swap"])
    if act == "flip":
        for _ in range(dice.randint(1, 8)):
            changed[_place(content, dice)] ^= 1 << dice.randrange(8)
    elif act == "set":
        changed[at] = dice.choice([0, 255, 127, 128, dice.randrange(256)])
    elif act == "cut off":
        del changed[at:]
    elif act == "double":
        changed[at:at] = content[at : at + length]
    elif act == "lose":
        del changed[at : at + length]
    elif act == "zero":
        changed[at : at + length] = bytes(len(changed[at : at + length]))
    elif act == "insert":
        changed[at:at] = dice.choice([dice.randbytes(length), b"\0", b"<", b"&x;", b'"', b"\xff\xfe", b"9" * 30])
    else:
        other = _place(content, dice)
        changed[at : at + length], changed[other : other + length] = (
            content[other : other + length],
            content[at : at + length],
        )
    return bytes(changed)


def _fields(content: bytes, dice: random.Random) -> bytes:
    """A number of a container changed: a box's length, or four or two bytes near its name."""
    changed = bytearray(content)
    boxes = [m.start() for m in re.finditer(rb"[a-z]{3}[a-z0-9 ]", content[:_HEAD_BYTES] + content[-_TAIL_BYTES:])]
    skipped = max(0, len(content) - _HEAD_BYTES - _TAIL_BYTES)
    at = dice.choice(boxes) if boxes else 4
    at += skipped if at >= _HEAD_BYTES else 0
    at = max(0, at + dice.choice([-4, -4, 4, 8, 12, 16, 20, 24, 28]))
    size = dice.choice([4, 4, 4, 2, 1])
    order = dice.choice(["big", "big", "little"])
    changed[at : at + size] = (dice.choice(_LENGTHS) % 256**size).to_bytes(size, order)  # type: ignore[arg-type]
    return bytes(changed[: max(len(content), at)])


def _json(content: bytes, dice: random.Random) -> bytes:
    try:
        return _tree(json.loads(content), dice).encode("utf-8", "replace")
    except (ValueError, RecursionError):  # other damage came first, or it is nested too deeply by now
        return _bytes(content, dice)


def _tree(tree: Any, dice: random.Random) -> str:
    """A JSON text with one value changed."""
    places = _places(tree)
    node, key = dice.choice(places or [({"a": tree}, "a")])
    act = dice.choice([*["value"] * 8, "lose", "schema", "deep", "move", "double"])
    if act == "lose":
        del node[key]
    elif act == "schema":
        holders = [n for n, k in places if k == "OTIO_SCHEMA"]
        dice.choice(holders or [{}])["OTIO_SCHEMA"] = dice.choice(SCHEMAS)
    elif act == "deep":
        node[key] = "-the deep place-"
        depth = dice.choice(_DEEP)
        deep = ("[" * depth + "]" * depth) if dice.random() < 0.5 else '{"a":' * depth + "1" + "}" * depth
        return json.dumps(tree).replace('"-the deep place-"', deep)
    elif act == "move":
        other, name = dice.choice(places or [(node, key)])
        node[key] = copy.deepcopy(other[name])
    elif act == "double" and isinstance(node, list):
        node.extend(copy.deepcopy(node) * dice.choice([1, 20]))
    else:
        leaves = [(n, k) for n, k in places if k != "OTIO_SCHEMA" and not isinstance(n[k], dict | list)]
        node, key = dice.choice(leaves or [(node, key)])
        node[key] = copy.deepcopy(dice.choice(_alike(node[key]) if dice.random() < 0.85 else VALUES))
    return json.dumps(tree)


def _alike(value: Any) -> list[Any]:
    """Values of the same type, which get past the first check."""
    kind = float if isinstance(value, int) and not isinstance(value, bool) else type(value)
    found = STRANGE if kind is str else [v for v in VALUES if isinstance(v, kind | int if kind is float else kind)]
    return list(found) or VALUES


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every value of a JSON tree: what holds it, and its name there."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict | list):
            continue
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            found.append((node, key))
            waiting.append(value)
    return found


def _xml(content: bytes, dice: random.Random) -> bytes:
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return _bytes(content, dice)
    elements = list(root.iter("*"))
    one, other = dice.choice(elements), dice.choice(elements)
    parent = one.getparent()
    value = dice.choice(STRANGE)
    act = dice.choice(["lose", "double", "move", "attribute", "attribute", "text", "text", "rename", "deep"])
    if act == "lose" and parent is not None:
        parent.remove(one)
    elif act == "double" and parent is not None:
        for _ in range(dice.choice([1, 1, 300])):
            parent.append(etree.fromstring(etree.tostring(one)))
    elif act == "move" and one is not other and one not in list(other.iterancestors()):
        other.append(one)
    elif act == "attribute" and one.attrib:
        one.set(dice.choice(sorted(one.attrib)), value)
    elif act == "rename":
        one.tag = dice.choice(["gap", "spine", "clipitem", "sequence", "track", "video", "ref-clip", "rate", "file"])
    elif act == "deep":
        one.text = "-the deep place-"
        depth, tag = dice.choice(_DEEP), str(one.tag)
        deep = f"<{tag}>" * depth + f"</{tag}>" * depth
        return etree.tostring(root).replace(b"-the deep place-", deep.encode())
    else:
        one.text = value
    return bytes(etree.tostring(root))


def _lines(content: bytes, dice: random.Random) -> bytes:
    """Lines lost, doubled and swapped, words replaced: edit lists, tables, TOML and YAML."""
    lines = content.decode("utf-8", "replace").splitlines() or [""]
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
    act = dice.choice(["lose", "double", "swap", "word", "word", "word", "cut", "deep"])
    if act == "lose":
        del lines[at]
    elif act == "double":
        lines[to:to] = [lines[at]] * dice.choice([1, 1, 300])
    elif act == "swap":
        lines[at], lines[to] = lines[to], lines[at]
    elif act == "cut":
        lines[at] = lines[at][: dice.randint(0, len(lines[at]))]
    elif act == "deep":
        depth = dice.choice(_DEEP)
        lines[at] = lines[at].partition("=")[0] + "= " + "[" * depth + "]" * depth
    else:
        words = re.split(r"([\s,=]+)", lines[at])
        words[dice.randrange(len(words))] = dice.choice([*STRANGE, "M2", "BL", "W999", "D", "[1, 2]", "1979-05-27"])
        lines[at] = "".join(words)
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _encoded(content: bytes, dice: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(dice.choice(["utf-16", "utf-16-be", "utf-8-sig", "latin-1", "utf-32", "utf-7"]), "replace")
