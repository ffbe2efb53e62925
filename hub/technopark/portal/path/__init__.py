"""Pages of a pupil's path and portfolio, of curators who look for works, and of letters.

Mounted by `portal.app`. What they show comes from `technopark.path`, who sees it is said by
`people.rights`.
"""
