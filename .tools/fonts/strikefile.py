"""Writes the strike file of CardFace; its form is described in Sources/CardFace/StrikeFile.swift.

A strike here is {code point: (dots, advance)}, dots being a numpy array of rows of 0 and 1.
"""

import struct

import numpy

# What stands round a dot in its context: (rows up, first, last) columns to the right of the dot.
PLAIN = [(0, -3, -1), (1, -3, 2), (2, -2, 2)]
BASED = [(0, -1, -1), (1, -2, 1)]
# and of the base's dots, enlarged
OF_BASE = [(1, -1, 1), (0, -1, 1), (-1, -1, 1)]
CONTEXTS = 1 << 14
BLOCK = 32

CELLS, FULL, LETTERS, DIGITS = range(4)
NONE = 255


class Strike:
    """One strike to be written: `base` is another one whose dots foretell this one's."""

    def __init__(self, kind, bold, height, glyphs, model, base=None, marked=frozenset()):
        self.kind, self.bold, self.height, self.model, self.base = kind, bold, height, model, base
        self.glyphs, self.marked = glyphs, marked
        self.points = sorted(glyphs)
        self.widths = numpy.array([glyphs[point][0].shape[1] for point in self.points])
        self.dots = numpy.zeros((len(self.points), height, self.widths.max()), numpy.uint8)
        for index, point in enumerate(self.points):
            dots = glyphs[point][0]
            assert dots.shape[0] == height, (hex(point), dots.shape)
            self.dots[index, :, :dots.shape[1]] = dots

    def contexts(self):
        """Of every dot, as many bits as a model has."""
        result = numpy.zeros(self.dots.shape, numpy.uint16)
        for source, rows in ((self.dots, PLAIN if self.base is None else BASED),
                             (None if self.base is None else self.enlarged_base(), OF_BASE)):
            if source is None:
                continue
            count, height, width = source.shape
            padded = numpy.zeros((count, height + 4, width + 8), numpy.uint16)
            padded[:, 2:2 + height, 4:4 + width] = source
            for up, first, last in rows:
                for right in range(first, last + 1):
                    result <<= 1
                    result |= padded[:, 2 - up:2 - up + height, 4 + right:4 + right + width]
        return result

    def enlarged_base(self):
        result = numpy.zeros(self.dots.shape, numpy.uint8)
        for index, point in enumerate(self.points):
            base = self.base.glyphs[point][0]
            width = self.widths[index]
            rows = (2 * numpy.arange(self.height) + 1) * base.shape[0] // (2 * self.height)
            columns = (2 * numpy.arange(width) + 1) * base.shape[1] // (2 * width)
            result[index, :, :width] = base[rows][:, columns]
        return result

    def inside(self):
        """Where a dot of the picture is and not only room beside a narrower one."""
        across = numpy.arange(self.dots.shape[2])[None, :] < self.widths[:, None]
        return numpy.broadcast_to(across[:, None, :], self.dots.shape)


def model(strikes):
    """How many of 256 dots of a context are white, over some strikes."""
    white = numpy.zeros(CONTEXTS)
    every = numpy.zeros(CONTEXTS)
    for strike in strikes:
        inside = strike.inside()
        contexts, dots = strike.contexts()[inside], strike.dots[inside]
        every += numpy.bincount(contexts, minlength=CONTEXTS)
        white += numpy.bincount(contexts[dots == 0], minlength=CONTEXTS)
    return numpy.clip(numpy.rint((white + 0.4) / (every + 0.8) * 256), 1, 255).astype(numpy.uint8)


def codes(strike, model):
    """The arithmetic code of every glyph, all glyphs at a time, a dot after the other."""
    count, height, width = strike.dots.shape
    # a dot of all glyphs stands together
    chances = numpy.ascontiguousarray(model[strike.contexts()].transpose(1, 2, 0))
    ink = numpy.ascontiguousarray(strike.dots.transpose(1, 2, 0)) == 1
    low = numpy.zeros(count, numpy.uint64)
    span = numpy.full(count, 0xFFFFFFFF, numpy.uint64)
    # a digit may exceed a byte until the carries are taken at the end
    digits = numpy.zeros((count, height * width // 4 + 16), numpy.int32)
    used = numpy.zeros(count, numpy.int64)
    eight, top = numpy.uint64(8), numpy.uint64(24)
    for y in range(height):
        for x in range(width):
            white = (span >> eight) * chances[y, x]
            black = ink[y, x]
            inside = x < strike.widths
            low += numpy.where(black & inside, white, numpy.uint64(0))
            span = numpy.where(inside, numpy.where(black, span - white, white), span)
            short = numpy.nonzero(span < 1 << 24)[0]
            if len(short):
                digits[short, used[short]] = low[short] >> top
                used[short] += 1
                low[short] = (low[short] & numpy.uint64(0xFFFFFF)) << eight
                span[short] <<= eight
    for index in range(count):
        first, room = int(low[index]), int(span[index])
        for kept in (0, 8, 16, 24, 32):
            unit = 1 << (32 - kept)
            value = -(-first // unit) * unit
            if value < first + room:
                break
        for place in range(4):
            digits[index, used[index] + place] = value >> (24 - 8 * place) & (
                0x1FF if place == 0 else 0xFF)
    for column in range(digits.shape[1] - 1, 0, -1):
        digits[:, column - 1] += digits[:, column] >> 8
        digits[:, column] &= 0xFF
    assert digits[:, 0].max() < 256
    return [bytes(row.astype(numpy.uint8)).rstrip(b"\0") for row in digits]


def runs(strike):
    """Neighbours of one width and one advance: first point, first glyph, width, advance."""
    found = []
    for index, point in enumerate(strike.points):
        dots, advance = strike.glyphs[point]
        kind = dots.shape[1], advance
        if not found or point - found[-1][0] != index - found[-1][1] or kind != found[-1][2:]:
            found.append((point, index, *kind))
    return b"".join(struct.pack("<IHBB", *run) for run in found), len(found)


def write(path, strikes, models):
    head, bodies = b"", b""
    for strike in strikes:
        parts = codes(strike, models[strike.model])
        for point, part in zip(strike.points, parts):
            assert len(part) < 256, "U+%04X has a code of %d bytes" % (point, len(part))
        table, count = runs(strike)
        starts, at = [], 0
        for index, part in enumerate(parts):
            if index % BLOCK == 0:
                starts.append(at)
            at += len(part)
        body = table + struct.pack("<%dI" % len(starts), *starts) + bytes(map(len, parts))
        if strike.kind == CELLS:
            marks = bytearray((len(parts) + 7) // 8)
            for index, point in enumerate(strike.points):
                marks[index // 8] |= (point in strike.marked) << (index % 8)
            body += bytes(marks)
        body += b"".join(parts)
        base = NONE if strike.base is None else strikes.index(strike.base)
        head += struct.pack("<6BHIII", strike.kind, strike.bold, strike.height, strike.model, base,
                            0, 0, count, len(parts), at)
        bodies += body
        print("%-8s %3d dots %-7s: %5d glyphs, %7d bytes, %.1f a glyph" % (
            ("cells", "full", "letters", "digits")[strike.kind], strike.height,
            "bold" if strike.bold else "regular", len(parts), len(body), at / len(parts)))
    content = struct.pack("<HHI", len(models), len(strikes), 0)
    content += b"".join(bytes(model) for model in models) + head + bodies
    content += bytes(-len(content) % 8)
    path.write_bytes(b"PCSTRIK2" + struct.pack("<Q", seal(content)) + content)
    print(path.name, path.stat().st_size, "bytes")


def seal(content):
    """A number that every change within eight bytes changes, and any other almost surely."""
    value = 0xCBF29CE484222325
    for (word,) in struct.iter_unpack("<Q", content):
        value = (value ^ word) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value
