"""Paint words in the colours of the rainbow."""

from rainbow import COLOURS


def paint(words):
    """Return each word with a colour before it."""
    return [f"{COLOURS[index % len(COLOURS)]} {word}" for index, word in enumerate(words)]
