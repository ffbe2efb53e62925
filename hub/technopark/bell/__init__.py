"""The bell: the timetable, servers that are ready when a lesson starts, and the forecast.

A service of its own (`python -m technopark.bell`) and `technopark bell`. It asks the hub to start
and stop servers, as anybody could; without a timetable it does nothing.
"""
