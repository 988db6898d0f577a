"""An append-only log: bytes in, proofs out. It knows no faces and no people."""
