"""What an event asks of the store, the bank and chance, written once as generators."""
