import unittest

import painter


class PainterTest(unittest.TestCase):
    def test_paint(self):
        assert painter.paint(["sky", "sea"]) == ["red sky", "orange sea"]
