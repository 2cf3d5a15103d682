"""How Sphinx builds the documentation: ``tox run -e docs``."""

from conformance import __version__

project = "scim-conformance"
version = release = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 4
highlight_language = "text"
html_theme = "furo"
html_title = f"scim-conformance {version}"
html_copy_source = False
