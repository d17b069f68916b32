"""How Sphinx builds the documentation: `make docs`."""

import os
import re
import runpy
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
EXAMPLES = HERE / "_build" / "examples"  # a copy: examples write files beside themselves
SECONDS = os.environ.get("PINR_GALLERY_SECONDS", "10")  # of training per example

sys.path[:0] = [str(ROOT), str(HERE)]
os.environ.setdefault("OMP_NUM_THREADS", "1")

project = "pinr"
author = "The pinr authors"
project_copyright = author
version = release = re.search(r'__version__ = "(.*)"', (ROOT / "pinr" / "__init__.py").read_text(encoding="utf-8"))[1]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery/**/*.ipynb", "gallery/**/*.py"]
suppress_warnings = ["config.cache"]  # of the functions in `sphinx_gallery_conf`
HAS_FINDINGS = (HERE / "findings.md").exists()  # the page is linked to, and may be missing
if not HAS_FINDINGS:
    suppress_warnings.append("myst.xref_missing")
default_role = "code"  # docstrings have single backticks

myst_enable_extensions = ["dollarmath", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # signatures have them
autodoc_inherit_docstrings = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # or attributes of dataclasses are described twice
napoleon_use_rtype = False

html_theme = "alabaster"
html_title = f"pinr {version}"
html_static_path = ["_static"]
html_css_files = ["pinr.css"]
html_show_sourcelink = False
html_show_sphinx = False
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_theme_options = {
    "description": "Boundary-value problems written in SymPy, solved by neural fields.",
    "fixed_sidebar": True,
    "page_width": "1200px",
    "sidebar_width": "250px",
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
    "code_font_family": "ui-monospace, 'DejaVu Sans Mono', monospace",
    "show_powered_by": False,
}


def budget(gallery_conf, script_vars):
    """The arguments with which the gallery calls an example."""
    return [SECONDS]


def written_pictures(block, block_vars, gallery_conf):
    """The pictures that an example has written since the last block, for its page."""
    from sphinx_gallery.scrapers import figure_rst

    names = []
    for path in sorted(Path(block_vars["src_file"]).parent.glob("*.png")):
        name = next(block_vars["image_path_iterator"])
        shutil.move(path, name)
        names.append(name)
    return figure_rst(names, gallery_conf["src_dir"])


sphinx_gallery_conf = {
    "examples_dirs": str(EXAMPLES.relative_to(HERE)),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "image_scrapers": (written_pictures,),
    "reset_argv": budget,
    "reset_modules": (),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
}


def _copy_examples():
    shutil.rmtree(EXAMPLES, ignore_errors=True)
    shutil.copytree(ROOT / "examples", EXAMPLES, ignore=shutil.ignore_patterns("__pycache__", "*.png", "*.vtu", "*.h5"))
    header = f"Gallery\n=======\n\nThe scripts of `examples/`, each run for {SECONDS} s of training on one thread.\n"
    (EXAMPLES / "GALLERY_HEADER.rst").write_text(header, encoding="utf-8")


def _write_pages(app):
    page = runpy.run_path(str(HERE / "catalogue.py"))["page"](ROOT / "problems")
    target = HERE / "catalogue.md"
    if not target.exists() or target.read_text(encoding="utf-8") != page:
        target.write_text(page, encoding="utf-8")
    for script in sorted((HERE / "figures").glob("*.py")):
        runpy.run_path(str(script))["draw"](HERE / "_figures")


def _without_missing_pages(app, docname, source):
    if docname == "index" and not HAS_FINDINGS:
        source[0] = source[0].replace("\nfindings\n", "\n")


def _without_types(app, what, name, obj, options, lines):
    # Napoleon takes what stands before a colon in the docstring of a property for its type, on the first line only.
    if what == "property":
        lines.insert(0, "")


_copy_examples()  # before the gallery looks for them


def setup(app):
    """Write what is made from the code, before anything is read."""
    app.connect("builder-inited", _write_pages)
    app.connect("source-read", _without_missing_pages)
    app.connect("autodoc-process-docstring", _without_types, priority=400)  # before Napoleon
