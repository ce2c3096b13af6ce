"""Sessions that nobody reports from within: a server or vendor tells that one began, and perhaps that it ended.

`notices` says what is told, `pairing` makes sessions of it, `telling` the rows, `book` remembers them all.
"""
