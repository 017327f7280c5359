"""The inventory as documents (YAML, CSV), checked as a whole, and the look-ups that everybody makes in it."""
