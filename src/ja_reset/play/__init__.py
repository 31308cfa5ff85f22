"""Play a procedure in a terminal, as the customer: a fake bank, a telephone to call from, a clock to move.

Everything shown comes from the View and the forms of its screens, so a new procedure can be played without a change.
The same commands are typed at the prompt and written in a script (`ja_reset.play.script`).
"""
