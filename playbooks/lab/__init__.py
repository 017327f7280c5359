"""A laboratory without hardware: devices of several vendors that answer over real SSH, with faults on demand."""
