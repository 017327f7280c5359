"""The words of the city's network: pure values, no I/O, nothing from outside the standard library."""
