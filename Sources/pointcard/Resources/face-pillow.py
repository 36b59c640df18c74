"""The face of `pointcard bench face` drawn by Pillow with FreeType; prints milliseconds a face.

usage: face-pillow.py FONT COUNT
The bar code is left out, and the QR code too where python3-qrcode is missing: both in Pillow's favour.
"""
import sys
import time

from PIL import Image, ImageDraw, ImageFont

try:
    import qrcode
except ImportError:
    qrcode = None

WIDTH, HEIGHT = 600, 360
FAMILY = "山本佐藤鈴木高橋田中伊渡辺王李張陳楊黃趙周吳"
GIVEN = "花子太郎一美香織大輔健翔優奈明國建軍麗敏靜強磊洋"


def name(i):
    return (FAMILY[i % len(FAMILY)] + FAMILY[i // 7 % len(FAMILY)]
            + GIVEN[i // 3 % len(GIVEN)] + GIVEN[i // 11 % len(GIVEN)])


def face(i, middle, large):
    image = Image.new("1", (WIDTH, HEIGHT), 1)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    draw.text((12, 4), "ポイント会員カード Gold", font=middle, fill=0)
    draw.text((12, 48), f"{name(i)} 様 / Ms. Hanako {i}", font=middle, fill=0)
    draw.text((12, 96), f"残高 {i * 37 % 100000:,} ポイント", font=large, fill=0)
    draw.text((12, 160), f"有効期限 2027/{i % 12 + 1:02d}/28 OK", font=middle, fill=0)
    if qrcode:
        code = qrcode.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4, border=2)
        code.add_data(f"LOY1:{i:016d}:{i * 7919 % 99999999:08d}")
        code.make(fit=True)
        picture = code.make_image().get_image().convert("1")
        image.paste(picture, (WIDTH - picture.width - 6, HEIGHT - picture.height - 6))
    return image


def main():
    font, count = sys.argv[1], int(sys.argv[2])
    middle = ImageFont.truetype(font, 32)
    large = ImageFont.truetype(font, 48)
    for i in range(10):
        face(i, middle, large)
    start = time.process_time()
    for i in range(count):
        face(i, middle, large)
    spent = (time.process_time() - start) / count * 1000
    print(f"{spent:.3f} {'with' if qrcode else 'without'}")


main()
