"""Attack rehearsals: scenarios, generators, offline runs, scores and reports."""
