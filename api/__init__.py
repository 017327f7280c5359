"""The HTTP API: what people and pages ask of WardWatch, under `/api/v1`."""
