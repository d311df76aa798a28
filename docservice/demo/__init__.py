"""The main job from nothing, once: a family's documents out to paper and, signed, back into the archive."""
