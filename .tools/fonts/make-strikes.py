#!/usr/bin/python3
"""Makes the strikes of CardFace: text of 24 dots and large digits.

    .tools/fonts/make-strikes.py [OUTPUT-FOLDER]

Needs, from Debian 12: python3-freetype xfonts-intl-chinese fonts-noto-cjk fonts-dejavu-core.
The output folder is Sources/CardFace/Resources by default. The same packages give the same bytes.

What comes from where, and why:
* Full width, Big5: taipei24 of xfonts-intl-chinese (public domain): drawn by hand for exactly this
  cell, sharper than any outline at 24 dots. The CNS fonts of that package are left alone: its
  copyright file calls their terms unclear.
* Full width, everything else: Noto Serif CJK (SIL Open Font License), the Japanese shapes for
  JIS X 0208 and kana, the Taiwanese ones for the rest. It is the same kind of letter (Ming), and
  its grey picture is cut at the level where its weight is that of taipei24, so that 堃喆 stands
  beside 王 in one name without being told apart.
* Half width: Noto Sans Mono CJK: a serif letter has no room in 12 dots. What it lacks of Latin
  comes from DejaVu Sans Mono (Bitstream Vera terms).
* Digits of 48 and 96 dots: Noto Sans CJK Bold, every digit as wide as the widest.
"""

import pathlib
import struct
import sys
import unicodedata

import freetype

import pcf

NOTO = "/usr/share/fonts/opentype/noto/"
TAIPEI = "/usr/share/fonts/X11/misc/taipei24.pcf.gz"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
JAPANESE, TAIWANESE, MONO_TAIWANESE = 0, 3, 8

# Characters whose shape or place in JIS X 0208 changed between its editions of 1978 and 1983: what
# a device prints for them is not certain, so they never count as the device's own.
MOVED = (
    "鯵鰺鴬鶯蛎蠣攪撹竈竃潅灌諌諫頚頸砿礦蕊蘂靭靱賎賤壷壺砺礪梼檮涛濤迩邇蝿蠅桧檜侭儘薮藪籠篭"
    "堯尭槇槙遙遥瑤瑶凜熙"
    "唖焔鴎噛侠躯鹸麹屡繋蒋醤蝉掻騨箪掴填顛祷涜嚢溌醗頬麺莱蝋攅")
# Signs that the half-width codes show differently, signs whose code tables differ, and quotes,
# which stand in Latin names.
UNCERTAIN = "\\~\x7f¢£¬‖∥—―−〜‘’“”"


class Outline:
    """One face of an outline font, drawn in grey."""

    def __init__(self, path, index):
        self.face = freetype.Face(path, index)
        self.points = {point for point, _ in self.face.get_chars()}

    def grey(self, point, size):
        """(left, top, rows of grey values) relative to the origin on the baseline."""
        self.face.set_pixel_sizes(0, size)
        self.face.load_char(chr(point), freetype.FT_LOAD_RENDER)
        slot, bitmap = self.face.glyph, self.face.glyph.bitmap
        rows = [bitmap.buffer[y * bitmap.pitch:y * bitmap.pitch + bitmap.width]
                for y in range(bitmap.rows)]
        return slot.bitmap_left, slot.bitmap_top, rows, slot.advance.x / 64


def cut(grey, width, height, baseline, level, centre=True):
    """The dots of a grey picture in a cell, or None when some would fall outside."""
    left, top, rows, advance = grey
    if centre:
        left += round((width - advance) / 2)
    cell = [0] * height
    ink = [(baseline - top + y, left + x)
           for y, row in enumerate(rows) for x, value in enumerate(row) if value >= level]
    if not ink:
        return cell
    columns = [x for _, x in ink]
    if max(columns) - min(columns) >= width:
        return None
    shift = max(0, -min(columns)) - max(0, max(columns) - width + 1)
    lines = [y for y, _ in ink]
    if min(lines) < 0 or max(lines) >= height:
        if max(lines) - min(lines) >= height:
            return None
        lift = max(0, max(lines) - height + 1) - max(0, -min(lines))
        if abs(lift) > 1:
            return None
        ink = [(y - lift, x) for y, x in ink]
    for y, x in ink:
        cell[y] |= 1 << (width - 1 - x - shift)
    return cell


def weight(cell):
    return sum(bin(row).count("1") for row in cell)


def fitted(outline, point, width, sizes, baseline, level):
    """The largest size that fits, then letters with tails on a higher line."""
    for line in range(baseline, baseline - 5, -1):
        for size in sizes:
            cell = cut(outline.grey(point, size), width, 24, line, level)
            if cell is not None:
                return cell
    return None


def taipei():
    """{code point: cell} of the characters that Python and every Big5 table agree on."""
    cells = {}
    for code, (left, ascent, rows) in pcf.read(TAIPEI).items():
        try:
            text = bytes([code >> 8, code & 0xFF]).decode("big5")
        except UnicodeDecodeError:
            continue
        if text.encode("big5") != bytes([code >> 8, code & 0xFF]):
            continue
        cells[ord(text)] = [int(row, 2) for row in rows]
    return cells


def balanced_level(outline, cells):
    """The grey level at which the outline is as black as the hand-drawn characters."""
    sample = sorted(point for point in cells if 0x4E00 <= point < 0xA000)[::97]
    wanted = sum(weight(cells[point]) for point in sample)
    greys = [outline.grey(point, 24) for point in sample]

    def dots(level):
        return sum(value >= level for _, _, rows, _ in greys for row in rows for value in row)

    return min(range(40, 200), key=lambda level: abs(dots(level) - wanted))


def in_shift_jis(point):
    text = chr(point)
    if text in MOVED or text in UNCERTAIN:
        return False
    try:
        return text.encode("shift_jis") == text.encode("cp932")
    except UnicodeEncodeError:
        return False


def full_width_points(serif):
    """What a full-width cell may hold besides Big5."""
    ranges = [
        (0x3001, 0x3040), (0x3041, 0x3100), (0x3105, 0x3130), (0x31A0, 0x31C0), (0x31F0, 0x3200),
        (0x3200, 0x3400), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0xFE30, 0xFE50),
        (0xFF01, 0xFF61), (0xFFE0, 0xFFE7), (0x2460, 0x2500), (0x2160, 0x2180),
        (0x20000, 0x32000)]
    points = {point for low, high in ranges for point in range(low, high)}
    points |= {point for point in range(0xA0, 0x10000)
               if in_shift_jis(point) and not 0xFF61 <= point <= 0xFF9F}
    points |= set(range(0x2500, 0x2580)) | set(range(0x2591, 0x2594))
    points |= {ord(letter) for letter in MOVED + "‧…‥—―–‖∥〜～−－※†‡‰′″℃№℡○●◎◇◆□■△▲▽▼☆★♀♂"}
    return {point for point in points if point in serif.points} | {0x3000}


HALF_RANGES = [(0x20, 0x7F), (0xA0, 0x180), (0x1E00, 0x1F00), (0x20A0, 0x20C0), (0xFF61, 0xFFA0)]


def make_text():
    serif_japanese = Outline(NOTO + "NotoSerifCJK-Regular.ttc", JAPANESE)
    serif_taiwanese = Outline(NOTO + "NotoSerifCJK-Regular.ttc", TAIWANESE)
    sans_taiwanese = Outline(NOTO + "NotoSansCJK-Regular.ttc", TAIWANESE)
    mono = Outline(NOTO + "NotoSansCJK-Regular.ttc", MONO_TAIWANESE)
    dejavu = Outline(DEJAVU, 0)
    hand = taipei()
    level = balanced_level(serif_taiwanese, hand)
    print("Noto Serif CJK is cut at grey level", level)

    half = {}
    for low, high in HALF_RANGES:
        for point in range(low, high):
            if point >= 0xA0 and point < 0xFF61 and in_shift_jis(point):
                continue
            cell = None
            if point in mono.points:
                cell = fitted(mono, point, 12, range(24, 15, -1), 20, 80)
            if cell is None and point in dejavu.points:
                cell = fitted(dejavu, point, 12, range(20, 13, -1), 20, 112)
            if cell is not None:
                half[point] = cell
    for quote in "‘’“”":
        half[ord(quote)] = fitted(dejavu, ord(quote), 12, range(20, 13, -1), 20, 112)
    half[0x20] = half[0xA0] = [0] * 24

    full = {point: cell for point, cell in hand.items() if point not in half}
    full[0x3000] = [0] * 24
    wanted = full_width_points(serif_taiwanese)
    wanted |= {point for point in range(0x4E00, 0xA000) if point in sans_taiwanese.points}
    for point in sorted(wanted - set(full) - set(half)):
        outline = serif_japanese if in_shift_jis(point) else serif_taiwanese
        if point not in outline.points:
            outline = sans_taiwanese
        cell = box_drawing(point) if 0x2500 <= point < 0x25A0 else None
        if cell is None:
            sizes = range(24, 17, -1)
            cell = fitted(outline, point, 24, sizes, 21, level)
            if cell is not None and weight(cell) > 270:
                cell = fitted(outline, point, 24, sizes, 21, level + 45)
        if cell is not None:
            full[point] = cell
        else:
            print("does not fit its cell: U+%04X %s" % (point, chr(point)))
    return half, full


def box_drawing(point):
    """Lines from edge to edge (light: two dots, heavy: four, double: one, two apart), and shades;
    None for dashes and arcs."""
    if 0x2591 <= point <= 0x2593:
        light = [[0x888888, 0, 0x222222, 0], [0xAAAAAA, 0x555555] * 2,
                 [0x777777, 0xFFFFFF, 0xDDDDDD, 0xFFFFFF]][point - 0x2591]
        return light * 6
    name = unicodedata.name(chr(point), "")
    if not name.startswith("BOX DRAWINGS ") or "DASH" in name or "ARC" in name:
        return None
    arms = {}
    for part in name[len("BOX DRAWINGS "):].split(" AND "):
        names = part.split()
        styles = [word for word in names if word in ("LIGHT", "HEAVY", "SINGLE", "DOUBLE")]
        style = styles[0] if styles else style
        for word in names:
            sides = {"HORIZONTAL": ("LEFT", "RIGHT"), "VERTICAL": ("UP", "DOWN")}.get(word, (word,))
            for side in sides:
                if side in ("LEFT", "RIGHT", "UP", "DOWN"):
                    arms[side] = style
    if not arms or any("DIAGONAL" in word for word in name.split()):
        return None
    tracks = {"LIGHT": range(11, 13), "SINGLE": range(11, 13), "HEAVY": range(10, 14),
              "DOUBLE": (9, 10, 13, 14)}
    cell = [0] * 24
    for side, style in arms.items():
        across = ("UP", "DOWN") if side in ("LEFT", "RIGHT") else ("LEFT", "RIGHT")
        reach = max([max(tracks[arms[other]]) for other in across if other in arms] or [12])
        low, high = 23 - reach, reach + 1
        for track in tracks[style]:
            for along in (range(0, high) if side in ("LEFT", "UP") else range(low, 24)):
                y, x = (track, along) if side in ("LEFT", "RIGHT") else (along, track)
                cell[y] |= 1 << (23 - x)
    return cell


def make_digits(height):
    """Digits and what stands between them, as large as the comma's tail lets them be."""
    bold = Outline(NOTO + "NotoSansCJK-Bold.ttc", TAIWANESE)

    def sides(letter, size):
        _, top, rows, _ = bold.grey(ord(letter), size)
        return top, len(rows) - top

    size = next(size for size in range(height * 2, 0, -1)
                if sides("0", size)[0] + sides(",", size)[1] <= height - 2)
    baseline = height - 1 - sides(",", size)[1]
    widest = max(round(bold.grey(ord(digit), size)[3]) for digit in "0123456789")
    cells = {}
    for letter in "0123456789,.-+":
        grey = bold.grey(ord(letter), size)
        width = widest if letter.isdigit() else max(round(grey[3]), len(grey[2][0]) + 2)
        cell = cut(grey, width, height, baseline, 128)
        assert cell is not None, letter
        cells.setdefault(width, {})[ord(letter)] = cell
    return cells


def write(path, height, sections, own=lambda point: False):
    head = b"PCSTRIK1" + struct.pack("<HH", height, len(sections))
    head += b"".join(struct.pack("<HI", width, len(cells)) for width, cells in sections)
    points = b"".join(
        struct.pack("<I", point | (0x80000000 if own(point) else 0))
        for _, cells in sections for point in sorted(cells))
    dots = b""
    for width, cells in sections:
        stride = (width + 7) // 8
        dots += b"".join(
            (row << (stride * 8 - width)).to_bytes(stride, "big")
            for point in sorted(cells) for row in cells[point])
    path.write_bytes(head + points + dots)
    print(path.name, sum(len(cells) for _, cells in sections), "glyphs,",
          path.stat().st_size, "bytes")


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Sources/CardFace/Resources"
    half, full = make_text()
    write(folder / "text24.strike", 24, [(12, half), (24, full)], in_shift_jis)
    print(sum(map(in_shift_jis, half)), "half-width and", sum(map(in_shift_jis, full)),
          "full-width characters are in JIS X 0201 and 0208")
    for height in (48, 96):
        write(folder / ("digits%d.strike" % height), height, sorted(make_digits(height).items()))


main()
