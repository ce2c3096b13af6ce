"""The ways in: each module reads one sender's own format into what the committer stores."""
