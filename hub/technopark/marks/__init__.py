"""A classroom's marks as a table that a teacher hands on: CSV and XLSX.

`gradebook` reads the points, `table` joins them with who is in the class and what was handed in
when, `files` writes the table. Called by the portal, which asks who may have it; it only reads.
"""
