"""What the answers are made of: from the city and its records to the shapes of `api.schemas`."""
