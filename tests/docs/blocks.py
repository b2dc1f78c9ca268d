"""The fenced blocks of a Markdown page, with the comment above each:

    <!-- file add.py -->
    ```python
    ...
    ```
"""
import re
from dataclasses import dataclass

FENCE = re.compile(
    r"(?:^<!-- (?P<note>.*?) -->\n)?^```(?P<lang>\w*)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass
class Block:
    note: str
    lang: str
    text: str
    start: int  # of the text in the page
    end: int


def blocks(page):
    return [Block(m["note"] or "", m["lang"], m["text"], m.start("text"), m.end("text"))
            for m in FENCE.finditer(page)]
