"""Names of colours, in order."""

COLOURS = ("red", "orange", "yellow", "green", "blue", "indigo", "violet")


def main():
    print("\n".join(COLOURS))
