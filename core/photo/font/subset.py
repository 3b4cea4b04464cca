"""Makes the watermark's font: the characters of GBK out of Noto Sans CJK SC Regular, outlines only.

    python3 subset.py NotoSansCJK-Regular.ttc stamp.otf

Needs fontTools. In the collection, face 2 is the one for Simplified Chinese.
"""

import sys

from fontTools import subset
from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE = 2
ALSO = "·—–‘’“”…°±×÷≤≥←→↑↓√⚠□￥¥€"


def characters():
    """Every character of GBK, the Latin letters of Western Europe, and a few signs."""
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                yield from bytes((lead, trail)).decode("gbk")
            except UnicodeDecodeError:
                continue
    yield from map(chr, range(0x20, 0x7F))
    yield from map(chr, range(0xA0, 0x180))
    yield from ALSO


def main(source, target):
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = False
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    options.name_IDs = [0, 1, 2, 3, 5, 13, 14]
    options.name_languages = [0x409]
    options.glyph_names = False
    options.notdef_outline = True
    font = TTFont(source, fontNumber=SIMPLIFIED_CHINESE, lazy=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={ord(character) for character in characters()})
    subsetter.subset(font)
    font.save(target)


main(*sys.argv[1:])
