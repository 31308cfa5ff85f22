"""A procedure walked in a terminal, as the customer: a fake bank, a telephone to dial from, a clock to move.

Whatever is played comes from the View and the forms of its screens, so a new procedure is playable as it is. The same
lines are typed at the prompt and written in a script (`ja_reset.play._script`).
"""
