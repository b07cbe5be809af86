#!/usr/bin/env python3
"""Draws the pictures of the demo, which the project made for it: each is an SVG that Chromium turns into
pixels and Pillow into WebP. Run it in this folder where chromium and Pillow are installed. The same numbers
give the same pictures."""

import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 1280, 720
GREEN, TEAL, MINT, SAND, PAPER = "#0f4c42", "#1d7a68", "#a9cfc0", "#efe6d4", "#f8f3e8"
OCHRE, BRICK, INK, MIST = "#e0a03b", "#c2553a", "#1c2b2d", "#d5e4dc"


def svg(parts, background):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="100%" height="100%" fill="{background}"/>'
        + "".join(parts)
        + "</svg>"
    )


def smooth(points):
    """A curve through points, as the data of a path (Catmull-Rom)."""
    out = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for at in range(len(points) - 1):
        before, start = points[max(at - 1, 0)], points[at]
        end, after = points[at + 1], points[min(at + 2, len(points) - 1)]
        one = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        two = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        out.append(f"C{one[0]:.1f} {one[1]:.1f} {two[0]:.1f} {two[1]:.1f} {end[0]:.1f} {end[1]:.1f}")
    return " ".join(out)


def table():
    """A round table from above: some seats are taken, some are empty."""
    parts = []
    cx, cy = 640, 372
    for radius, shade in ((560, "#135347"), (440, "#175c4f"), (330, "#1b6557")):
        parts.append(f'<circle cx="{cx}" cy="{cy}" r="{radius}" fill="{shade}"/>')
    colours = [OCHRE, SAND, BRICK, MINT]
    taken = [0, 1, 1, 0, 2, 2, 2, None, 3, 1, 1, None, 0, 2, None, 3, 1, None]
    for seat, who in enumerate(taken):
        turn = seat * 360 / len(taken)
        place = f'transform="rotate({turn:.1f} {cx} {cy}) translate({cx} {cy - 268})"'
        if who is None:
            parts.append(
                f'<g {place}><rect x="-30" y="-24" width="60" height="46" rx="20" fill="none" '
                f'stroke="{MINT}" stroke-width="3" stroke-dasharray="7 7" opacity=".8"/></g>'
            )
            continue
        parts.append(
            f'<g {place}><rect x="-38" y="-26" width="76" height="46" rx="23" fill="{colours[who]}"/>'
            f'<circle cx="0" cy="-4" r="19" fill="{INK}" opacity=".86"/></g>'
        )
    parts.append(f'<circle cx="{cx}" cy="{cy + 6}" r="222" fill="#0a3a32" opacity=".55"/>')
    parts.append(f'<circle cx="{cx}" cy="{cy}" r="218" fill="{SAND}"/>')
    parts.append(f'<circle cx="{cx}" cy="{cy}" r="200" fill="none" stroke="{OCHRE}" stroke-width="2" opacity=".5"/>')
    shuffled = random.Random(4)
    for seat, who in enumerate(taken):
        if who is None:
            continue
        turn = seat * 360 / len(taken) + shuffled.uniform(-2, 2)
        parts.append(
            f'<g transform="rotate({turn:.1f} {cx} {cy}) translate({cx} {cy - 158})">'
            f'<rect x="-17" y="-22" width="34" height="44" fill="{PAPER}" stroke="#d9ccb2"/>'
            f'<path d="M-10 -12h20M-10 -4h20M-10 4h13" stroke="{TEAL}" stroke-width="2.5"/></g>'
        )
    parts.append(f'<circle cx="{cx}" cy="{cy}" r="64" fill="{GREEN}"/>')
    parts.append(f'<path d="M{cx-26} {cy+4}l18 18 36 -42" fill="none" stroke="{SAND}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"/>')
    return svg(parts, GREEN)


def contracts():
    """Each square is a contract: dark ones were awarded without a tender."""
    parts, chance = [], random.Random(7)
    size, gap = 22, 7
    columns, rows = 40, 20
    left = (WIDTH - columns * (size + gap) + gap) / 2
    top = (HEIGHT - rows * (size + gap) + gap) / 2
    share = (0.33, 0.27, 0.24, 0.20)
    for column in range(columns):
        quarter = min(column * 4 // columns, 3)
        shift = quarter * 16 - 24
        for row in range(rows):
            low = chance.random() < share[quarter] * (0.45 + 1.25 * row / rows)
            grown = low and chance.random() < 0.16
            colour = BRICK if grown else GREEN if low else chance.choice(["#bcd8cb", "#cbe0d6", "#b0d0c2"])
            x, y = left + column * (size + gap) + shift, top + row * (size + gap)
            parts.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{size}" height="{size}" rx="3" fill="{colour}"/>')
    return svg(parts, PAPER)


def budget():
    """Where the money goes: streams between bars."""
    parts = []
    sources = [(110, 250, TEAL), (375, 150, OCHRE), (540, 90, MINT)]
    targets = [(70, 130, GREEN), (220, 105, TEAL), (345, 80, OCHRE), (445, 60, MINT), (525, 50, SAND), (595, 65, BRICK)]
    flows = [(0, 0, 110), (0, 1, 70), (0, 2, 30), (0, 5, 40), (1, 0, 20), (1, 2, 50), (1, 3, 40), (1, 4, 40),
             (2, 1, 35), (2, 3, 20), (2, 4, 10), (2, 5, 25)]
    left, right, bar = 190, 1060, 30
    used_left, used_right = [0] * len(sources), [0] * len(targets)
    for source, target, width in flows:
        y1 = sources[source][0] + used_left[source]
        y2 = targets[target][0] + used_right[target]
        used_left[source] += width
        used_right[target] += width
        x1, x2 = left + bar, right
        middle = (x1 + x2) / 2
        colour = BRICK if target == 5 else sources[source][2]
        strength = ".92" if target == 5 else ".5"
        parts.append(
            f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}V{y2 + width}'
            f'C{middle} {y2 + width} {middle} {y1 + width} {x1} {y1 + width}Z" fill="{colour}" opacity="{strength}"/>'
        )
    for y, height, colour in sources:
        parts.append(f'<rect x="{left}" y="{y}" width="{bar}" height="{height}" fill="{colour}"/>')
    for at, (y, height, colour) in enumerate(targets):
        dash = ' stroke="#f8f3e8" stroke-width="3" stroke-dasharray="8 6"' if at == 5 else ""
        parts.append(f'<rect x="{right}" y="{y}" width="{bar}" height="{height}" fill="{colour}"{dash}/>')
    return svg(parts, INK)


def height_at(x, y):
    return (
        math.sin(x / 190 + 0.6) * math.cos(y / 150)
        + 0.7 * math.sin((x + y) / 260 + 2.1)
        + 0.45 * math.cos((x - 2 * y) / 210)
    )


def contour(level, step=16):
    """The lines where the land is at a level (marching squares)."""
    lines = []

    def cut(ax, ay, bx, by):
        a, b = height_at(ax, ay) - level, height_at(bx, by) - level
        part = a / (a - b)
        return ax + (bx - ax) * part, ay + (by - ay) * part

    for x in range(-step, WIDTH + step, step):
        for y in range(-step, HEIGHT + step, step):
            corners = [(x, y), (x + step, y), (x + step, y + step), (x, y + step)]
            above = [height_at(*corner) > level for corner in corners]
            hits = [cut(*corners[at], *corners[(at + 1) % 4]) for at in range(4) if above[at] != above[(at + 1) % 4]]
            for at in range(0, len(hits) - 1, 2):
                (x1, y1), (x2, y2) = hits[at], hits[at + 1]
                lines.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
    return "".join(lines)


def wells():
    """A map with contour lines: the wells of a district, two of them in the lake."""
    parts, chance = [], random.Random(12)
    for at, level in enumerate([-1.5, -1.2, -0.9, -0.6, -0.3, 0, 0.3, 0.6, 0.9, 1.2, 1.5]):
        width = 2.6 if at % 5 == 0 else 1.2
        parts.append(f'<path d="{contour(level)}" fill="none" stroke="#b79f74" stroke-width="{width}" opacity=".7"/>')
    lake = [(470, 330), (560, 262), (690, 270), (790, 330), (820, 410), (740, 470), (640, 452), (560, 480), (480, 430), (470, 330)]
    parts.append(f'<path d="{smooth(lake)}Z" fill="{TEAL}"/>')
    parts.append(f'<path d="{smooth(lake)}Z" fill="none" stroke="{GREEN}" stroke-width="3"/>')
    river = [(-20, 150), (120, 190), (230, 170), (340, 250), (480, 350)]
    parts.append(f'<path d="{smooth(river)}" fill="none" stroke="{TEAL}" stroke-width="13" stroke-linecap="round"/>')
    out = [(800, 400), (930, 450), (1040, 430), (1150, 520), (1310, 560)]
    parts.append(f'<path d="{smooth(out)}" fill="none" stroke="{TEAL}" stroke-width="16" stroke-linecap="round"/>')
    road = [(-20, 620), (180, 560), (420, 580), (660, 600), (900, 540), (1010, 300), (1130, 160), (1300, 120)]
    parts.append(f'<path d="{smooth(road)}" fill="none" stroke="{PAPER}" stroke-width="12"/>')
    parts.append(f'<path d="{smooth(road)}" fill="none" stroke="{INK}" stroke-width="2.5" stroke-dasharray="16 10"/>')
    placed = []
    while len(placed) < 26:
        x, y = chance.uniform(70, WIDTH - 70), chance.uniform(60, HEIGHT - 60)
        in_lake = ((x - 645) / 210) ** 2 + ((y - 372) / 140) ** 2 < 1
        if in_lake or any((x - a) ** 2 + (y - b) ** 2 < 95**2 for a, b in placed):
            continue
        placed.append((x, y))
    for x, y in placed:
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="11" fill="{GREEN}" stroke="{PAPER}" stroke-width="4"/>')
    for x, y in ((610, 350), (715, 388)):
        parts.append(f'<circle cx="{x}" cy="{y}" r="30" fill="none" stroke="{OCHRE}" stroke-width="4"/>')
        parts.append(f'<circle cx="{x}" cy="{y}" r="13" fill="{BRICK}" stroke="{PAPER}" stroke-width="4"/>')
    return svg(parts, SAND)


def town():
    """The three towns at dusk, and the lit windows of the hall where the members meet."""
    parts, chance = [], random.Random(21)
    for at, colour in enumerate(["#f3cf93", "#eebb77", "#e6a45f"]):
        parts.append(f'<rect y="{at * 120}" width="100%" height="{HEIGHT}" fill="{colour}" opacity=".55"/>')
    parts.append(f'<circle cx="930" cy="330" r="120" fill="{PAPER}" opacity=".85"/>')
    for base, colour, lowest, highest in ((470, "#8fb3a3", 60, 150), (540, "#4c8b7a", 80, 210), (620, GREEN, 90, 250)):
        x = -20
        while x < WIDTH:
            width = chance.choice([56, 70, 84, 104, 126])
            height = chance.uniform(lowest, highest)
            top = base - height
            roof = chance.random()
            if roof < 0.35:
                parts.append(f'<path d="M{x} {HEIGHT}V{top:.0f}l{width / 2} {-width * 0.38:.0f}l{width / 2} {width * 0.38:.0f}V{HEIGHT}Z" fill="{colour}"/>')
            else:
                parts.append(f'<rect x="{x}" y="{top:.0f}" width="{width}" height="{HEIGHT - top:.0f}" fill="{colour}"/>')
            if colour == GREEN and width >= 70:
                for row in range(int(height // 44)):
                    for column in range(int(width // 28)):
                        if chance.random() < 0.45:
                            parts.append(
                                f'<rect x="{x + 12 + column * 27}" y="{top + 22 + row * 42:.0f}" width="12" height="20" '
                                f'fill="{chance.choice([OCHRE, "#f2c879", TEAL])}"/>'
                            )
            x += width + chance.choice([0, 0, 6])
    parts.append(f'<rect y="640" width="100%" height="80" fill="{INK}"/>')
    hall = 500
    parts.append(f'<path d="M{hall} 650V400l140 -76 140 76V650Z" fill="{INK}"/>')
    for column in range(5):
        x = hall + 30 + column * 48
        parts.append(f'<path d="M{x} 610V470a15 15 0 0 1 30 0V610Z" fill="#f6cf80"/>')
    parts.append(f'<circle cx="{hall + 140}" cy="392" r="22" fill="#f6cf80"/><path d="M{hall + 140} 392v-13M{hall + 140} 392h9" stroke="{INK}" stroke-width="4"/>')
    for person in range(31):
        x = 60 + person * 39 + chance.uniform(-8, 8)
        y = 668 + chance.uniform(-5, 8)
        colour = chance.choice([TEAL, OCHRE, BRICK, MINT, SAND])
        parts.append(f'<circle cx="{x:.0f}" cy="{y - 18:.0f}" r="8" fill="{colour}"/><path d="M{x - 12:.0f} {y + 22:.0f}v-16a12 12 0 0 1 24 0v16Z" fill="{colour}"/>')
    return svg(parts, "#f7dcaa")


def river():
    """A river between hills, and the gauge that says how high it stands."""
    parts = [f'<circle cx="300" cy="190" r="74" fill="{OCHRE}" opacity=".9"/>']
    layers = [(300, 46, 300, "#cfe0d6"), (370, 54, 250, "#9cc4b4"), (440, 44, 210, "#5e9f8d"), (505, 36, 330, TEAL)]
    for at, (base, swing, length, colour) in enumerate(layers):
        points = [(x, base + swing * math.sin(x / length * 2 + at * 1.9) + swing * 0.4 * math.sin(x / 90 + at)) for x in range(-40, WIDTH + 81, 40)]
        parts.append(f'<path d="{smooth(points)}V{HEIGHT}H-40Z" fill="{colour}"/>')
    for at, (base, colour) in enumerate(((560, "#125c50"), (612, GREEN), (662, "#0b3d35"))):
        points = [(x, base + 9 * math.sin(x / 74 + at * 2)) for x in range(-40, WIDTH + 81, 20)]
        parts.append(f'<path d="{smooth(points)}V{HEIGHT}H-40Z" fill="{colour}"/>')
    x, top = 930, 130
    parts.append(f'<rect x="{x}" y="{top}" width="84" height="590" fill="{PAPER}"/>')
    parts.append(f'<rect x="{x}" y="{top}" width="84" height="14" fill="{INK}"/>')
    for mark in range(15):
        y = top + 40 + mark * 36
        if mark % 2 == 0:
            parts.append(f'<rect x="{x}" y="{y}" width="50" height="18" fill="{BRICK if mark < 6 else INK}"/>')
        else:
            parts.append(f'<rect x="{x + 50}" y="{y}" width="34" height="18" fill="{BRICK if mark < 6 else INK}"/>')
    water = [(a, 583 + 9 * math.sin(a / 74)) for a in range(-40, WIDTH + 81, 20)]
    parts.append(f'<path d="{smooth(water)}V{HEIGHT}H-40Z" fill="{GREEN}" opacity=".72"/>')
    parts.append(f'<path d="M{x - 70} 300h60" stroke="{BRICK}" stroke-width="6"/><path d="M{x - 12} 300l-22 -13v26z" fill="{BRICK}"/>')
    return svg(parts, "#f4ead2")


def register():
    """A cabinet of index cards: one drawer is open."""
    parts = []
    columns, rows, wide, high = 8, 5, 148, 132
    left, top = (WIDTH - columns * wide) / 2, (HEIGHT - rows * high) / 2
    colours = ["#1a6a5b", "#175f52", "#1d7465", "#15574b"]
    chance = random.Random(3)
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * wide, top + row * high
            parts.append(f'<rect x="{x + 5}" y="{y + 5}" width="{wide - 10}" height="{high - 10}" rx="5" fill="{chance.choice(colours)}"/>')
            parts.append(f'<rect x="{x + 42}" y="{y + 30}" width="{wide - 84}" height="26" fill="{SAND}"/>')
            parts.append(f'<path d="M{x + 50} {y + 43}h{chance.choice([28, 36, 44])}" stroke="{INK}" stroke-width="3" opacity=".55"/>')
            parts.append(f'<path d="M{x + wide / 2 - 16} {y + 82}a16 16 0 0 0 32 0Z" fill="{OCHRE}"/>')
    x, y = left + 4 * wide - 20, top + 2 * high - 6
    parts.append(f'<rect x="{x - 12}" y="{y + 10}" width="{wide + 74}" height="{high + 76}" rx="6" fill="{INK}" opacity=".45"/>')
    parts.append(f'<rect x="{x - 20}" y="{y - 40}" width="{wide + 60}" height="{high + 90}" rx="6" fill="#0a352e"/>')
    for card in range(9):
        colour = BRICK if card == 5 else [PAPER, SAND][card % 2]
        cy = y - 92 + card * 13
        parts.append(f'<path d="M{x - 8} {cy + 90}V{cy + 14}h{10 + card * 12}v-14h46v14h{120 - card * 12}V{cy + 90}Z" fill="{colour}" stroke="#cdbf9f"/>')
    parts.append(f'<rect x="{x - 28}" y="{y + 58}" width="{wide + 76}" height="{high + 6}" rx="7" fill="{TEAL}"/>')
    parts.append(f'<rect x="{x + 42}" y="{y + 82}" width="{wide - 64}" height="34" fill="{PAPER}"/>')
    parts.append(f'<path d="M{x + 54} {y + 99}h58" stroke="{INK}" stroke-width="4" opacity=".6"/>')
    parts.append(f'<path d="M{x + wide / 2 - 14} {y + 142}a24 24 0 0 0 48 0Z" fill="{OCHRE}"/>')
    return svg(parts, "#0c4138")


def levels():
    """A chart: the level of the river in May, against the level at which the alarm should sound."""
    days = 31
    values = [2.1, 2.1, 2.2, 2.2, 2.3, 2.3, 2.5, 2.8, 3.4, 4.0, 4.5, 4.9, 5.2, 5.3, 5.1, 4.8, 4.4, 4.1, 3.8, 3.5,
              3.3, 3.1, 3.0, 2.9, 2.8, 2.7, 2.6, 2.6, 2.5, 2.5, 2.4]
    left, right, top, bottom = 110, 1200, 90, 600

    def place(day, value):
        return left + (right - left) * day / (days - 1), bottom - (bottom - top) * value / 6

    parts = []
    for value in range(7):
        y = place(0, value)[1]
        parts.append(f'<path d="M{left} {y}H{right}" stroke="#d8cfba" stroke-width="2"/>')
        parts.append(f'<text x="{left - 22}" y="{y + 10}" text-anchor="end" font-size="30" fill="{INK}">{value}</text>')
    points = [place(day, value) for day, value in enumerate(values)]
    parts.append(f'<path d="{smooth(points)}V{bottom}H{left}Z" fill="{MINT}" opacity=".75"/>')
    alarm = place(0, 4)[1]
    parts.append(f'<path d="M{left} {alarm}H{right}" stroke="{BRICK}" stroke-width="4" stroke-dasharray="14 10"/>')
    parts.append(f'<text x="{right}" y="{alarm - 16}" text-anchor="end" font-size="30" fill="{BRICK}">Alarm level, 4 m</text>')
    parts.append(f'<path d="{smooth(points)}" fill="none" stroke="{GREEN}" stroke-width="7"/>')
    for day, words, shift in ((9, "10 May: alarm level", -26), (11, "12 May: sirens", -42)):
        x, y = points[day]
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="12" fill="{BRICK}" stroke="{PAPER}" stroke-width="4"/>')
        parts.append(f'<text x="{x - 26:.0f}" y="{y + shift + 20:.0f}" text-anchor="end" font-size="30" fill="{INK}">{words}</text>')
    for day in (1, 10, 20, 31):
        x = place(day - 1, 0)[0]
        parts.append(f'<text x="{x:.0f}" y="{bottom + 48}" text-anchor="middle" font-size="30" fill="{INK}">{day} May</text>')
    parts.append(f'<text x="{left - 22}" y="{top - 34}" text-anchor="end" font-size="30" fill="{INK}">m</text>')
    return svg(parts, PAPER).replace("<svg ", '<svg font-family="DejaVu Sans, sans-serif" ', 1)


PICTURES = {
    "table": table,
    "contracts": contracts,
    "budget": budget,
    "wells": wells,
    "town": town,
    "river": river,
    "register": register,
    "levels": levels,
}

# Few colours and sharp edges are smaller without loss.
FLAT = {"contracts", "levels"}


def main():
    for name, draw in PICTURES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.html"
            page.write_text(f"<style>body{{margin:0}}svg{{display:block}}</style>{draw()}", encoding="utf-8")
            shot = Path(folder) / "shot.png"
            subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}", page.as_uri()],
                check=True, capture_output=True, timeout=120,
            )
            picture = Image.open(shot).convert("RGB").crop((0, 0, WIDTH, HEIGHT))
            picture.save(f"{name}.webp", quality=76, method=6)
            if name in FLAT:
                picture.save(f"{name}.webp", lossless=True, quality=100, method=6)
            print(name, Path(f"{name}.webp").stat().st_size)


if __name__ == "__main__":
    main()
