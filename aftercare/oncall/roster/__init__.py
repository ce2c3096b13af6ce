"""Who is on call when, reckoned without the database, for the engine, the pages and `aftercare oncall preview` alike.

`turns` knows the wall clock, `schedules` lays layers and changes over each other, `document` reads them from a file.
"""
