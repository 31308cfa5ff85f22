"""What passes between the library and a host's bank."""
