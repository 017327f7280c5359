"""What is plugged into what, worked out from what devices say of their neighbours and of who is behind which port."""
