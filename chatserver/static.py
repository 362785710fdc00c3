"""Static files under names that change with their content, ES modules included, compressed, without our comments."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENTS = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n|^[ \t]*//[^\n]*\n|^[ \t]+|\n(?=\n)", re.MULTILINE | re.DOTALL)
"""Whole-line comments, indentation and blank lines: safe, since no module of ours has a text of several lines."""


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import … from "./x.js"`, so that a module never loads another one's older copy from a cache."""

    support_js_module_import_aggregation = True
    manifest_strict = False
    max_post_process_passes = 20
    """Names are settled from the innermost module outwards, one level of imports in each pass."""

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        """Take out what only readers of the source need, before names are made from the content of the copies."""
        for name in paths:
            if name.endswith((".js", ".css")):
                file = Path(self.path(name))
                file.write_text(COMMENTS.sub("", file.read_text()))
        copies = {name: (self, name) for name in paths}
        yield from super().post_process(copies, *args, **options)
