"""The class, live: where every pupil stands, which task is open, who needs help.

`line_feed` hears from the hub and `work` from pupils' servers; `seen` makes one line of a pupil of
it, `board` tells browsers of changes, `pages` shows them. All of it is in memory.
"""
