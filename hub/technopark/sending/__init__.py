"""What a teacher sends into pupils' folders: hints and files, whether their servers run or not.

`parcel` makes a hint or a file fit to be put there, `folder` puts it into one pupil's folder,
`send` into those of a class. Called by the portal, which asks who may and notes it in the log.
"""
