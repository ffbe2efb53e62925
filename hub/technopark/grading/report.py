"""What `technopark grade` says: one line while it runs, a table at the end."""

from technopark.grading.class_run import Progress, Pupil

_WORDS = {"waiting": "waits", "grading": "being graded", "attention": "needs attention"}


def line(progress: Progress) -> str:
    """How far it is, in one line."""
    if progress.state == "collecting":
        return "collecting what was handed in"
    counts = progress.counts
    parts = [f"{counts.done} of {counts.all} done"]
    if counts.grading:
        parts.append(f"{counts.grading} being graded")
    if counts.attention:
        parts.append(_need(counts.attention))
    if progress.seconds_left:
        parts.append(f"about {_duration(progress.seconds_left)} left")
    if progress.stalled:
        parts.append(f"waits: {progress.stalled}")
    return ", ".join(parts)


def table(progress: Progress) -> str:
    """All pupils with their points, then who needs attention and why."""
    names = {pupil.name: _called(pupil) for pupil in progress.pupils}
    width = max((len(name) for name in names.values()), default=0)
    rows = [
        f"  {names[pupil.name]:{width}}  {_points(pupil)}".rstrip() for pupil in progress.pupils
    ]
    odd = [pupil for pupil in progress.pupils if pupil.state == "attention"]
    if odd:
        rows += ["", f"{_need(len(odd)).capitalize()}:"]
        rows += [f"  {names[pupil.name]}: {pupil.reason}" for pupil in odd]
    return "\n".join(rows)


def _points(pupil: Pupil) -> str:
    points = "" if pupil.points is None else f"{pupil.points:g} of {pupil.of or 0:g}"
    word = _WORDS.get(pupil.state, "")
    return "  ".join(part for part in (f"{points:12}", word) if part)


def _called(pupil: Pupil) -> str:
    return pupil.name if pupil.full_name == pupil.name else f"{pupil.full_name} ({pupil.name})"


def _need(count: int) -> str:
    return f"{count} needs attention" if count == 1 else f"{count} need attention"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"
