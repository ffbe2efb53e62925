"""The words of the pybricks library (LEGO hubs), for the simulated robot.

The modules have the names they have on a real hub, so a program moves there by one change: delete
`technopark_robots.` from its import lines (and the line that makes the world). Names, order of
arguments and units are those of the package `pybricks` 4.0; a test compares them.

What differs from a real hub:
- the left motor is at port A, mounted mirrored (`Direction.COUNTERCLOCKWISE`), the right one at B,
  the colour sensor at C, the ultrasonic sensor at D;
- time is simulated: it passes in `wait`, while a command moves the robot, and by 5 ms for every
  reading;
- a robot that touches a wall or a box stops with a message;
- only what is listed in these modules exists: no hub buttons, lights, gyro, `multitask`, gears.
"""
