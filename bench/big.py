"""A month of a provider's life, made inside the engines: 200 million samples of 100 customers, and who they are.

Kept in a folder and brought up to the present on the next run, hour by hour, by the same seed. Runs in a process of
its own, because chDB has one owner: `python -m bench.big DIR SAMPLES` prints what there is as one JSON line.
"""

import json
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.samples_sql import APPS, CUSTOMERS, compacted, compacted_rollup, insert_samples, sessions_of
from bench.seeding import seed_people
from aftercare.kernel.config import kept_secret
from aftercare.serve.postgres import EmbeddedPostgres
from aftercare.telemetry.store.client import ClientPool, address_of
from aftercare.telemetry.store.journal import Journal
from aftercare.telemetry.store.migrations import migrate
from aftercare.telemetry.store.rollups import R1H, R1M, R10S, SESSIONS
