"""Aftercare: the after-sales service system for live streaming and real-time audio and video."""

__version__ = "0.1.0.dev0"
