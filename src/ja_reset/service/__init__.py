"""The flow of a turn: what an event requests of the store, the bank and randomness, written once as generators."""
