"""What devices send of their own accord, made up: lines of eight vendors, traps, at a rate or as a storm."""
