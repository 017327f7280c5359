"""The web pages: their sources in ui/, the built files in static/, and what serves them."""
