"""Typed input: a field is declared once, and a form is made of its fields."""
