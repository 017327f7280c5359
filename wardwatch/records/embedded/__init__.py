"""The embedded engine: hot tables in one DuckDB file, sealed into zstd Parquet files listed in a manifest."""
