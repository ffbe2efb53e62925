"""Children's data: all of one person as an archive, deletion that really deletes, retention.

Used by the portal, by `technopark person` and `technopark retention`, and by the park's process
`safety` (`__main__`). What is asked for stands in the store; docs/children.md tells the rest.
"""
