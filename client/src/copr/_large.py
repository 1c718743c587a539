"""Large documents: they are decoded piece by piece, and each piece is freed before the next is decoded.

Rules: the result is what `json.loads` makes of the whole. Only lists of `items`, as the API's pages have
them, are decoded in pieces. Anything else is decoded at once.
"""

from __future__ import annotations

import codecs
import gc
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

#: Bytes of a piece. A piece and its text then stay in the cache of the processor.
PIECE = 256 * 1024

_LIST_OF_ITEMS = re.compile(r'\s*\{\s*"items"\s*:\s*\[')
_BETWEEN_ITEMS = re.compile(r"\}(\s*,\s*)\{")


def decode(blocks: list[bytes], kind: type) -> Any:
    """Decode the blocks of a JSON document, with a `kind` of dict for its objects. `blocks` is emptied.

    Raise ValueError or RecursionError if it is not JSON.
    """
    with_kind = json.JSONDecoder(object_hook=kind).decode
    paused = gc.isenabled()
    gc.disable()  # it would visit all of the new objects again and again
    try:
        if json.detect_encoding(bytes(blocks[0][:4])) == "utf-8":
            return _decode_in_pieces(_pieces(blocks), with_kind)
        whole = b"".join(blocks)
        return with_kind(whole.decode(json.detect_encoding(whole), "surrogatepass"))
    finally:
        if paused:
            if not gc.get_freeze_count():  # else objects that the program froze would be unfrozen
                # This moves all objects to the oldest generation, which is rarely visited.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _decode_in_pieces(pieces: Iterator[str], decode: Callable[[str], Any]) -> Any:
    text = next(pieces)
    found = _LIST_OF_ITEMS.match(text)
    if found is None:
        return decode(text + "".join(pieces))
    start, text = found[0], text[found.end() :]
    items: list[Any] = []
    enough = 0
    for piece in pieces:
        text += piece
        if len(text) < enough:
            continue
        places = deque(_BETWEEN_ITEMS.finditer(text, max(0, len(text) - PIECE // 8)), maxlen=1)
        try:
            # If this is JSON, the place is really between two items, and not within a text or an item.
            items += decode(f"[{text[: places[0].start() + 1]}]")
        except (ValueError, IndexError):
            enough = 2 * len(text)  # with more text there will be a better place
        else:
            text = text[places[0].end() - 1 :]
    document = decode(start + text)
    if items:
        items += document["items"]
        document["items"] = items
    return document


def _pieces(blocks: list[bytes]) -> Iterator[str]:
    """Yield the text of the blocks in pieces, and free each block after its last piece."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    blocks.reverse()
    while blocks:
        block = blocks.pop()
        for place in range(0, len(block), PIECE):
            yield decoder.decode(block[place : place + PIECE])
    yield decoder.decode(b"", True)
