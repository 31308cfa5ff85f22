"""What passes between the library and a host's bank, and how a host's ports are judged."""
