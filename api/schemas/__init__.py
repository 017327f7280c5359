"""What the API says and takes: pydantic models with examples, one module a noun. OpenAPI is made of them."""
