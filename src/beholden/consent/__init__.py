"""Who agreed to what, under which key, and who may therefore be recognised here and now."""
