"""Static files under names that change with their content, ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import … from "./x.js"`, so that a module never loads another one's older copy from a cache."""

    support_js_module_import_aggregation = True
    manifest_strict = False
