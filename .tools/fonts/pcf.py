"""Reads X11's compiled bitmap fonts (PCF, gzip), as far as glyphs of fixed cells need it."""

import gzip
import struct

METRICS, BITMAPS, ENCODINGS = 1 << 2, 1 << 3, 1 << 5


def read(path):
    """The glyphs of a font: {code: (left, ascent, rows)}, a row being a text of 0 and 1."""
    data = gzip.open(path).read()
    assert data[:4] == b"\x01fcp", path
    tables = {}
    for index in range(struct.unpack_from("<I", data, 4)[0]):
        kind, form, _, offset = struct.unpack_from("<IIII", data, 8 + 16 * index)
        tables[kind] = form, ">" if form & 4 else "<", offset
    metrics = _metrics(data, *tables[METRICS])
    form, order, offset = tables[BITMAPS]
    count = struct.unpack_from(order + "I", data, offset + 4)[0]
    offsets = struct.unpack_from(order + "%dI" % count, data, offset + 8)
    bits = offset + 8 + 4 * count + 16
    padding = 1 << (form & 3)
    highest_first = form & 8
    glyphs = {}
    for code, glyph in _codes(data, *tables[ENCODINGS]):
        left, right, ascent, descent = metrics[glyph]
        stride = ((right - left + 7) // 8 + padding - 1) // padding * padding
        rows = []
        for y in range(ascent + descent):
            start = bits + offsets[glyph] + y * stride
            row = "".join(
                format(byte, "08b")[:: 1 if highest_first else -1]
                for byte in data[start:start + stride])
            rows.append(row[:right - left])
        glyphs[code] = left, ascent, rows
    return glyphs


def _metrics(data, form, order, offset):
    if form & 0x100:
        count = struct.unpack_from(order + "H", data, offset + 4)[0]
        at = offset + 6
        found = [[byte - 0x80 for byte in data[at + 5 * i:at + 5 * i + 5]] for i in range(count)]
    else:
        count = struct.unpack_from(order + "I", data, offset + 4)[0]
        found = [struct.unpack_from(order + "5h", data, offset + 8 + 12 * i) for i in range(count)]
    return [(left, right, ascent, descent) for left, right, _, ascent, descent in found]


def _codes(data, form, order, offset):
    low, high, first, last, _ = struct.unpack_from(order + "5H", data, offset + 4)
    at = offset + 14
    for row in range(first, last + 1):
        for column in range(low, high + 1):
            glyph = struct.unpack_from(order + "H", data, at)[0]
            at += 2
            if glyph != 0xFFFF:
                yield row << 8 | column, glyph
