"""Every file in the vendor folder is the one its manifest names, byte for byte, and none is missing from it."""

import hashlib
import json
import sys
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "aftercare/web/static/web/vendor"


def problems(vendor: Path) -> list[str]:
    """One sentence per file that differs from the manifest."""
    manifest = {entry["file"]: entry["sha256"] for entry in json.loads((vendor / "MANIFEST.json").read_text())}
    present = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()} - {"MANIFEST.json"}
    found = [f"{name} is in the vendor folder but not in MANIFEST.json" for name in sorted(present - set(manifest))]
    found += [f"{name} is in MANIFEST.json but not in the vendor folder" for name in sorted(set(manifest) - present)]
    for name in sorted(present & set(manifest)):
        if hashlib.sha256((vendor / name).read_bytes()).hexdigest() != manifest[name]:
            found.append(f"{name} is not the file that MANIFEST.json names: its sha256 differs")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(problems(VENDOR)) or 0)
