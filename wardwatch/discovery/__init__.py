"""Finding devices, the part without a network: what may be asked, who was met, what a person decides of it."""
