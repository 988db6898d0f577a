"""The demo: a small town of synthetic people, filmed by a compositor, and what must happen in it.

`people` and `cutout` turn the openpeople package into photos and walking figures, `backdrop` and
`scene` film them with the truth of every frame, `town` says who agreed to what and what must
happen, and `visible` is the independent look at what was covered.
"""
