"""`wardwatch bench chaos`: what is lost, doubled or stuck when processes are killed, engines go away and disks fill.

Everything runs in namespaces of its own (processes, mounts, network): nothing outlives the run, even one that is killed
outright, and no packet leaves it. One module a kind of fault; `runner.FAULTS` lists them.
"""
