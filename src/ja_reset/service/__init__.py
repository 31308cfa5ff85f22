"""What an event asks of the store and the bank, and the faces by which a host calls it."""
