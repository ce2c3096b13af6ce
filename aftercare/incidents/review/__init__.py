"""What is said of an incident once it is seen whole: its grade, whose it was, the report, and what follows."""
