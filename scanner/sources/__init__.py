"""Where codes and frames come from: `base.py` is what every source is, `choose.py` makes the one that a text names."""

from scanner.sources.base import Reading, Source
from scanner.sources.choose import open_source

__all__ = ["Reading", "Source", "open_source"]
