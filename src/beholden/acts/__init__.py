"""What is done to and for people: each act is announced in the log, done, and its result is logged."""
