"""The options of `aftercare probe`; needs nothing that the extra brings."""

import argparse
from pathlib import Path

MISSING = (
    "the probe needs packages that are not installed here ({name}). Install them with: pip install 'aftercare[probe]'"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add them to the command's parser."""
    parser.add_argument("address", nargs="?", default="", help="look at this address once, print it, report nothing")
    parser.add_argument("--kind", default="", help="the address's kind (default: as it looks, e.g. hls for .m3u8)")
    parser.add_argument("--watch", type=int, default=8, help="seconds to watch the address (default 8)")
    parser.add_argument("--json", action="store_true", help="print what was seen of the address as JSON")
    parser.add_argument("--server", default="", help="the server whose targets to look at")
    parser.add_argument("--key", action="append", default=[], help="an app's ingest key, or @FILE; may be repeated")
    parser.add_argument("--region", default="", help="where this agent stands: COUNTRY or COUNTRY-PROVINCE, e.g. CN-GD")
    parser.add_argument("--carrier", default="", help="whose network it is in")
    parser.add_argument("--network", default="", help="the network's kind, e.g. wifi, 4g")
    parser.add_argument("--queue", type=Path, metavar="DIR", help="where results wait (default: in the data home)")
    parser.add_argument("--once", action="store_true", help="look at every target once, hand in the results, stop")
    parser.add_argument("--allow-private", action="store_true", help="let targets be in private networks")
    parser.add_argument("--rdap", default="https://rdap.org", help="the RDAP service asked about domains")
    parser.add_argument("--media-at-once", type=int, default=3, help="streams looked at at the same time (default 3)")
