"""Services as people use them: how available each was, and what is planned, certified and backed up."""
