"""Search over the desk: tickets with their messages, notes and files, service groups, contacts.

`tokens` cuts text into what is kept, `asking` reads what a person typed, `finding` asks the database, `excerpts` shows
why something was found, `indexing` keeps the documents.
"""
