"""A headless Chromium for tests of pages, and a reader of what it shows."""

import html.parser
import shutil
import subprocess
import tempfile

import pytest

BINARY = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    BINARY is None, reason="no `chromium` on the PATH to show the page in"
)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_VOID = {"meta", "link", "input", "br", "path"}


def show(path, fragment="", budget_ms=1500, size=(1280, 800)):
    """The page's DOM after its scripts ran, as a `Document`.

    Args:
        path: HTML file.
        fragment: What follows `#` in its address.
        budget_ms: Time that passes for the page (not for the test).
        size: Width and height of the window.
    """
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                BINARY,
                *_FLAGS,
                f"--user-data-dir={profile}",
                f"--virtual-time-budget={budget_ms}",
                f"--window-size={size[0]},{size[1]}",
                "--dump-dom",
                f"{path.as_uri()}#{fragment}",
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    return Document(done.stdout)


class Element:
    """A tag with its attributes, parent and text (descendants' included)."""

    def __init__(self, tag, attributes, parent):
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.text = ""

    def inside(self, ancestor):
        node = self
        while node is not None and node is not ancestor:
            node = node.parent
        return node is ancestor


class Document(html.parser.HTMLParser):
    """All elements of a page, in order."""

    def __init__(self, source):
        super().__init__()
        self.source = source
        self.elements = []
        self._open = None
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        element = Element(tag, dict(attributes), self._open)
        self.elements.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_endtag(self, tag):
        node = self._open
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None:
            self._open = node.parent

    def handle_data(self, data):
        node = self._open
        while node is not None:
            node.text += data
            node = node.parent

    def find(self, tag=None, inside=None, **attributes):
        """Elements by tag, ancestor and attributes (`data_row` is data-row).

        `class_` asks for one of an element's classes.
        """
        wanted = attributes.pop("class_", None)
        wanted_attributes = {
            name.replace("_", "-"): str(value)
            for name, value in attributes.items()
        }
        return [
            element
            for element in self.elements
            if (tag is None or element.tag == tag)
            and (inside is None or element.inside(inside))
            and (wanted is None or wanted in _classes(element))
            and wanted_attributes.items() <= element.attributes.items()
        ]

    def one(self, tag=None, **attributes):
        """The only such element."""
        (element,) = self.find(tag, **attributes)
        return element


def _classes(element):
    return (element.attributes.get("class") or "").split()
