"""rtcstats: the recorder of WebRTC's calls, events and statistics, as a dump (format 3) or line by line, live.

The format: github rtcstats/rtcstats, packages/rtcstats-server/docs/file-format.md.
"""
