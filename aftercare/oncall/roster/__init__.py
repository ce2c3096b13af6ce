"""Who is on call when, reckoned without the database, for the engine, the pages and `aftercare oncall preview` alike.

`turns` knows the wall clock, `schedules` lays layers and changes over each other, `proof` tells what is wrong with what
was declared, `document` reads all of it from a file, by `places` of its text.
"""
