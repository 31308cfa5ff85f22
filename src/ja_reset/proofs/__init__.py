"""What proves who a customer is, and what counts the attempts at it."""
