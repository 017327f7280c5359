"""Sigma rules over ECS events: pySigma reads them, our own closures match them as events come in."""
