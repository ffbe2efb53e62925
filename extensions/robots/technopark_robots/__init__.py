"""Robots in pupils' words: MuJoCo moves them, pythreejs shows them."""
