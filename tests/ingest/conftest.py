"""The front door of these tests stands alone, without the measurements' one that other rooms' tests have."""

from tests.ingest.door import door

__all__ = ["door"]
