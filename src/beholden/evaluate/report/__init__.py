"""The report: every protocol on the same people, as one page that a person reads and one file that a program reads."""
