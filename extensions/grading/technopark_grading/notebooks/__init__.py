"""What is in a notebook that was handed in: cells, outputs, hidden tests, reasons for its mark.

Used by whatever grades or shows one. Nothing here runs a cell or opens a gradebook.
"""
