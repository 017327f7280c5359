"""Why an agent does not answer as it should: told apart as far as the protocol allows."""
