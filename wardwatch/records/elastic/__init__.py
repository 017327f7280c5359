"""The larger engine: plain daily indices in Elasticsearch, with its books in the state store."""
