"""The core: settings, ports, stores, incidents, audit, and the top layer that wires the parts together."""
