#!/usr/bin/python3
"""Makes the strikes of CardFace: cells of 24 dots, letters of 16 to 96 dots, large digits.

    .tools/fonts/make-strikes.py [OUTPUT-FOLDER]

Needs, from Debian 12, the packages in PACKAGES below and python3-freetype and python3-numpy.
The output folder is Sources/CardFace/Resources by default. The same packages give the same bytes.

What comes from where, and why:
* 24 dots, Big5: taipei24 of xfonts-intl-chinese (public domain): drawn by hand for exactly this
  cell, sharper than any outline at 24 dots. The CNS fonts of that package are left alone: its
  copyright file calls their terms unclear.
* 24 dots, everything else: Noto Serif CJK (SIL Open Font License). It is the same kind of letter
  (Ming), and its grey picture is cut at the level where its weight is that of taipei24, so that
  堃喆 stands beside 王 in one name without being told apart.
* Cells of half width: Noto Sans Mono CJK: a serif letter has no room in 12 dots. What it lacks of
  Latin comes from DejaVu Sans Mono (Bitstream Vera terms).
* 16 dots: GNU Unifont (SIL Open Font License 1.1 or GPL), drawn by hand dot for dot; no outline of
  a Han character is legible there. All are of one style, as taipei16 beside others would not be.
* 32 and 48 dots: Noto Sans CJK, hinted and cut: strokes of two and three dots, which a card that
  is written by heat holds better than the hair lines of a Ming letter.
* Proportional Latin, Greek and Cyrillic: Noto Sans, which has all of them in one design; Noto Sans
  CJK lacks nearly all of Latin Extended-A.
* Digits of 48 and 96 dots: Noto Sans CJK Bold, every digit as wide as the widest.

Of a Han character, the shape of Taiwan is taken where Big5 has it, else of Japan where JIS X 0208
has it, else of the mainland where GB 2312 has it, else of Taiwan.
"""

import functools
import pathlib
import subprocess
import sys
import unicodedata

import freetype
import numpy

import pcf
import strikefile

NOTO = "/usr/share/fonts/opentype/noto/"
TAIPEI = "/usr/share/fonts/X11/misc/taipei24.pcf.gz"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
JAPANESE, MAINLAND, TAIWANESE, MONO_TAIWANESE = 0, 2, 3, 8
LATIN = "/usr/share/fonts/truetype/noto/NotoSans-%s.ttf"
UNIFONT = "/usr/share/unifont/unifont.hex"
PACKAGES = {
    "fonts-noto-cjk": "1:20220127+repack1-1", "fonts-noto-core": "20201225-1",
    "xfonts-intl-chinese": "1.2.1-10.1", "fonts-dejavu-core": "2.37-6", "unifont": "1:15.0.01-2",
    "libfreetype6": "2.12.1+dfsg-5+deb12u4"}

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
        buffer, pitch, width = bitmap.buffer, bitmap.pitch, bitmap.width
        rows = [buffer[y * pitch:y * pitch + width] for y in range(bitmap.rows)]
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
    # the tone that is not written is blank there
    return {point: cell for point, cell in cells.items() if any(cell)}


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


# Latin-1, Extended-A, and of Extended-B what Romanian, Vietnamese and pinyin need.
LATIN_RANGES = [
    (0x20, 0x7F), (0xA0, 0x180), (0x192, 0x193), (0x1A0, 0x1A2), (0x1AF, 0x1B1), (0x1CD, 0x1DD),
    (0x1E6, 0x1E8), (0x1F8, 0x1FA), (0x218, 0x21C)]
HALF_RANGES = [
    *LATIN_RANGES, (0x384, 0x460), (0x490, 0x492), (0x1E00, 0x1F00), (0x2010, 0x2014),
    (0x201A, 0x201C), (0x201E, 0x2020), (0x2022, 0x2023), (0x2039, 0x203B), (0x20A0, 0x20C0),
    (0x2122, 0x2123), (0xFF61, 0xFFA0)]


def make_text():
    serif_japanese = Outline(NOTO + "NotoSerifCJK-Regular.ttc", JAPANESE)
    serif_taiwanese = Outline(NOTO + "NotoSerifCJK-Regular.ttc", TAIWANESE)
    serif_mainland = Outline(NOTO + "NotoSerifCJK-Regular.ttc", MAINLAND)
    sans_taiwanese = Outline(NOTO + "NotoSansCJK-Regular.ttc", TAIWANESE)
    mono = Outline(NOTO + "NotoSansCJK-Regular.ttc", MONO_TAIWANESE)
    dejavu = Outline(DEJAVU, 0)
    hand = taipei()
    level = balanced_level(serif_taiwanese, hand)
    print("Noto Serif CJK is cut at grey level", level)

    half = {}
    wanted = full_width_points(serif_taiwanese)
    for low, high in HALF_RANGES:
        for point in range(low, high):
            if point >= 0xA0 and point < 0xFF61 and in_shift_jis(point):
                continue
            if 0x180 <= point < 0xFF61 and (point in hand or point in wanted):
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
    wanted |= full_points()
    for point in sorted(wanted - set(full) - set(half)):
        serif = serif_mainland if home(point) == MAINLAND else serif_taiwanese
        outline = serif_japanese if in_shift_jis(point) else serif
        if point not in outline.points:
            outline = sans_taiwanese
        cell = box_drawing(point) if 0x2500 <= point < 0x25A0 else None
        if cell is None:
            sizes = range(24, 17, -1)
            cell = fitted(outline, point, 24, sizes, 21, level)
            if cell is not None and weight(cell) > 270:
                cell = fitted(outline, point, 24, sizes, 21, level + 45)
            if cell is not None and not any(cell):
                # a hair line
                cell = fitted(outline, point, 24, sizes, 21, level // 3)
        if cell is not None:
            full[point] = cell
        else:
            print("does not fit its cell: U+%04X %s" % (point, chr(point)))
    return half, full


def box_drawing(point, height=24):
    """Rows of a cell: lines from edge to edge (light: a twelfth, heavy: twice that, double: two
    light ones as far apart), and shades; None for dashes and arcs."""
    if 0x2591 <= point <= 0x2593:
        light = [[0x8888, 0, 0x2222, 0], [0xAAAA, 0x5555] * 2,
                 [0x7777, 0xFFFF, 0xDDDD, 0xFFFF]][point - 0x2591]
        rows = [row << 32 | row << 16 | row for row in light]
        return [rows[y % 4] >> (48 - height) for y in range(height)]
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
    line, middle = height // 12, height // 2
    light = middle - (line + 1) // 2
    tracks = {"LIGHT": range(light, light + line), "HEAVY": range(middle - line, middle + line)}
    tracks["SINGLE"] = tracks["LIGHT"]
    tracks["DOUBLE"] = [*range(light - line, light), *range(light + line, light + 2 * line)]
    cell = [0] * height
    for side, style in arms.items():
        across = ("UP", "DOWN") if side in ("LEFT", "RIGHT") else ("LEFT", "RIGHT")
        edges = [track for other in across if other in arms for track in tracks[arms[other]]]
        edges = edges or tracks["LIGHT"]
        low, high = min(edges), max(edges) + 1
        for track in tracks[style]:
            for along in (range(0, high) if side in ("LEFT", "UP") else range(low, height)):
                y, x = (track, along) if side in ("LEFT", "RIGHT") else (along, track)
                cell[y] |= 1 << (height - 1 - x)
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


# --- letters ---------------------------------------------------------------------------------

# Heights of strikes with every character, and of those with Latin letters and digits only.
HEIGHTS, LATIN_HEIGHTS = (16, 24, 32, 48), (64, 96)
# What is set in proportional letters; of these, what stands full in Chinese and Japanese text.
LETTER_RANGES = [
    *LATIN_RANGES, (0x384, 0x460), (0x490, 0x492), (0x1E00, 0x1F00), (0x2010, 0x2014), (0x2018, 0x2023), (0x2030, 0x2031), (0x2039, 0x203B), (0x20A0, 0x20C0),
    (0x2122, 0x2123)]
TALL_RANGES = [(0x20, 0x7F), (0xA0, 0x180), (0x2013, 0x2014), (0x2018, 0x201F), (0x2022, 0x2023),
               (0x20A0, 0x20C0)]


def home(point):
    """Whose shape a Han character has here."""
    for coding, index in (("big5", TAIWANESE), ("shift_jis", JAPANESE), ("gb2312", MAINLAND)):
        try:
            chr(point).encode(coding)
            return index
        except UnicodeEncodeError:
            continue
    return TAIWANESE


SHADES = set(range(0x2591, 0x2594))


def is_rare(point):
    return 0x3400 <= point < 0x4DC0 or 0xF900 <= point < 0xFB00 or point >= 0x20000


def is_letter(point):
    return any(low <= point < high for low, high in LETTER_RANGES)


@functools.cache
def sans(weight, index):
    return Outline(NOTO + "NotoSansCJK-%s.ttc" % weight, index)


@functools.cache
def full_points():
    """What Noto Sans CJK has of a whole em's or half an em's width, and no proportional letter;
    jamo that make up a syllable, and what makes no dots, are left out."""
    outline = sans("Regular", TAIWANESE)
    outline.face.set_pixel_sizes(0, 100)
    points = set()
    for point in outline.points:
        if is_letter(point) or 0x1100 <= point < 0x1200 or 0xA960 <= point < 0xA980:
            continue
        if 0xD7B0 <= point < 0xD800 or unicodedata.category(chr(point)) in ("Cc", "Cf", "Mn"):
            continue
        outline.face.load_char(chr(point), freetype.FT_LOAD_NO_HINTING)
        # hangul is a little narrower than an em
        if outline.face.glyph.advance.x in (6400, 3200) or 0xAC00 <= point < 0xD7B0:
            points.add(point)
    return points


def placed(left, top, ink, width, height, baseline):
    """A picture of ink on the baseline, shifted where that brings all of it inside."""
    cell = numpy.zeros((height, width), numpy.uint8)
    if ink.size == 0 or not ink.any():
        return cell
    rows, columns = numpy.nonzero(ink)
    rows, columns = rows + baseline - top, columns + left
    for places, room in ((rows, height), (columns, width)):
        if places.min() < 0:
            places -= places.min()
        elif places.max() >= room:
            places -= min(places.max() - room + 1, places.min())
    inside = (rows < height) & (columns < width)
    cell[rows[inside], columns[inside]] = 1
    return cell


def full_cell(point, weight, height, level):
    """A full-width character from Noto Sans CJK: hinted, its grey picture cut."""
    lines = box_drawing(point, height) if 0x2500 <= point < 0x25A0 else None
    if lines is not None:
        return as_dots(lines, height)
    index = home(point)
    if unicodedata.east_asian_width(chr(point)) == "H":
        index = JAPANESE
    outline = sans(weight, index)
    left, top, rows, advance = outline.grey(point, height)
    grey = numpy.array(rows, numpy.uint8).reshape(len(rows), -1 if rows else 0)
    width = height // 2 if advance < height * 3 / 4 else height
    while grey.any() and not (grey >= level).any():
        level //= 2
    return placed(left, top, grey >= level, width, height, round(height * 0.88))


def as_dots(rows, width):
    """Rows of bits as an array."""
    return numpy.array(
        [[row >> (width - 1 - x) & 1 for x in range(width)] for row in rows], numpy.uint8)


def make_full(height, weight, level, points):
    cells = {point: full_cell(point, weight, height, level) for point in points}
    return {point: (dots, dots.shape[1]) for point, dots in cells.items()}


def is_drawn_by_hand(point):
    return (unicodedata.category(chr(point)) in ("Lo", "Lm", "No") or 0x3200 <= point < 0x3400
            or chr(point) in "、。〃「」『』")


def make_small(points):
    """16 dots: Han, kana, hangul and numbers in circles from Unifont; signs, which have their own
    width there, and what is not in it from Noto Sans CJK."""
    drawn = {}
    for line in open(UNIFONT):
        point, digits = line.strip().split(":")
        drawn[int(point, 16)] = digits
    cells = {}
    for point in points:
        digits = drawn.get(point, "")
        lines = box_drawing(point, 16) if 0x2500 <= point < 0x25A0 else None
        width = 8 if unicodedata.east_asian_width(chr(point)) == "H" else 16
        own = len(digits) // 4
        if lines is not None:
            dots = as_dots(lines, 16)
        elif own == width and is_drawn_by_hand(point) or (
                own and point not in sans("Regular", TAIWANESE).points):
            step = own // 4
            dots = as_dots([int(digits[y * step:y * step + step], 16) for y in range(16)], own)
            side = (width - own) // 2
            dots = numpy.pad(dots, ((0, 0), (side, side)))
        else:
            dots = full_cell(point, "Regular", 16, 120 if is_rare(point) else 72)
        cells[point] = dots, dots.shape[1]
    return cells


def letter(face, point, height, size, baseline):
    """A proportional letter, its ink from the left edge on; its advance."""
    hinting = freetype.FT_LOAD_FORCE_AUTOHINT if height == 16 else 0
    for smaller in range(5):
        face.set_pixel_sizes(0, size - smaller)
        face.load_char(
            chr(point), freetype.FT_LOAD_RENDER | freetype.FT_LOAD_TARGET_MONO | hinting)
        slot, bitmap = face.glyph, face.glyph.bitmap
        buffer, pitch = bitmap.buffer, bitmap.pitch
        ink = numpy.array(
            [[buffer[y * pitch + x // 8] >> (7 - x % 8) & 1 for x in range(bitmap.width)]
             for y in range(bitmap.rows)], numpy.uint8).reshape(bitmap.rows, bitmap.width)
        ink, top = squeezed(ink, slot.bitmap_top, baseline)
        if ink.shape[0] <= height and baseline - top + ink.shape[0] <= height + 1:
            break
    advance = max(1, round(slot.advance.x / 64))
    left = max(0, slot.bitmap_left)
    return placed(left, top, ink, max(advance, left + ink.shape[1]), height, baseline), advance


def squeezed(ink, top, baseline):
    """Without white rows between an accent and its letter, as long as it does not fit."""
    rows = list(ink)
    while top > baseline:
        white = [y for y, row in enumerate(rows) if not row.any() and y < top - 1]
        if not white:
            break
        del rows[white[0]]
        top -= 1
    return (numpy.array(rows, numpy.uint8) if rows else ink), top


def make_letters(height, weight, ranges):
    face = freetype.Face(LATIN % weight)
    has = {point for point, _ in face.get_chars()}
    size, baseline = round(height * 7 / 8), round(height * 0.8)
    points = {point for low, high in ranges for point in range(low, high)} & has
    points = {point for point in points
              if unicodedata.category(chr(point)) not in ("Cc", "Cf", "Cn", "Mn", "Me")}
    cells = {point: letter(face, point, height, size, baseline) for point in points}
    # tabular: every digit as wide as the widest
    digits = [ord(digit) for digit in "0123456789"]
    widest = max(cells[digit][1] for digit in digits)
    for digit in digits:
        dots, advance = cells[digit]
        shift = (widest - advance) // 2
        wide = numpy.zeros((height, widest), numpy.uint8)
        wide[:, shift:shift + dots.shape[1]] = dots[:, :widest - shift]
        cells[digit] = wide, widest
    return cells


# --- the file --------------------------------------------------------------------------------

def check_packages():
    for name, wanted in PACKAGES.items():
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name],
                               capture_output=True, text=True, check=True).stdout
        if found != wanted:
            print("remark: %s is %s, the strikes were made with %s" % (name, found, wanted))


def strikes():
    """All strikes, in the order of the file: one that foretells another comes first."""
    Strike, kinds = strikefile.Strike, strikefile
    half, full = make_text()
    cells = {point: (as_dots(rows, width), width)
             for cells, width in ((half, 12), (full, 24)) for point, rows in cells.items()}
    marked = {point for point in cells if in_shift_jis(point)}
    print(len(marked), "characters are in JIS X 0201 and 0208")
    points = full_points() | {point for point in full if not is_letter(point)}
    small = Strike(kinds.FULL, False, 16, make_small(points), 0)
    text = Strike(kinds.CELLS, False, 24, cells, 1, marked=marked)
    # hangul of 16 and 24 dots is doubled, as is what Noto lacks, and what is rare is made bold
    # when it is drawn: six megabytes hold everything else
    points = {point for point in points & sans("Regular", TAIWANESE).points
              if not 0xAC00 <= point < 0xD7B0}
    bold = {point for point in points if not is_rare(point)}
    middle = Strike(kinds.FULL, False, 32, make_full(32, "Regular", 105, points), 2)
    # shades do not code well; those of 24 dots are doubled
    points -= SHADES
    bold -= SHADES
    large = Strike(kinds.FULL, False, 48, make_full(48, "Regular", 110, points), 3, middle)
    heavy = Strike(kinds.FULL, True, 48, make_full(48, "Bold", 110, bold), 4, large)
    found = [small, text, middle, large, heavy]
    for height in HEIGHTS + LATIN_HEIGHTS:
        ranges = LETTER_RANGES if height in HEIGHTS else TALL_RANGES
        for weight in ("Regular", "Bold"):
            letters = make_letters(height, weight, ranges)
            found.append(Strike(kinds.LETTERS, weight == "Bold", height, letters, 5))
    for height in (48, 96):
        digits = {point: (as_dots(rows, width), width)
                  for width, cells in make_digits(height).items() for point, rows in cells.items()}
        found.append(Strike(kinds.DIGITS, True, height, digits, 5))
    return found


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Sources/CardFace/Resources"
    check_packages()
    found = strikes()
    numbers = sorted({strike.model for strike in found})
    models = [strikefile.model([strike for strike in found if strike.model == number])
              for number in numbers]
    strikefile.write(folder / "glyphs.strikes", found, models)


main()
