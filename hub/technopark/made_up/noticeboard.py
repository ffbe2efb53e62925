"""What goes on in a made-up city: events of two school years, research, projects, demand. Pure.

Called by `made_up.city`. At full scale some 240 postings, of which each module has a few, and some
5,000 pupils who joined them; where seats are taken, some wait.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from technopark.made_up import year as school_year
from technopark.made_up.plan import Adult, Posted, Pupil
from technopark.people.sites import PartnerEntry, SiteEntry
from technopark.store import Kind

POSTINGS = 240
"""Of the whole city."""
_EVENTS = (
    ("Открытый урок", "Расскажем, чем занимаемся, и дадим попробовать самим."),
    ("Мастер-класс «Первая программа»", "За два часа напишем программу, которая угадывает число."),
    ("Турнир роботов", "Команды по двое. Трасса **та же**, что в симуляторе."),
    ("Экскурсия к партнёру", "Покажем лаборатории и станки. Встречаемся у входа."),
    ("Олимпиада по данным", "Три задачи и два часа. Победители едут на городской этап."),
    ("День проектов", "Показываем, что сделали за четверть, и смотрим на чужое."),
)
_RESEARCH = (
    ("Сколько света нужно салату?", "Измерений много, а ответа пока нет. Ищем его вместе."),
    ("Где в городе тише всего?", "Собираем замеры шума и строим карту."),
    ("Что прячется в геноме фага?", "Нужны терпение и курс по биоинформатике."),
)
_PROJECTS = (
    ("Робот, который сортирует крышечки", "Собираем, печатаем корпус, учим узнавать цвет."),
    ("Школьная метеостанция", "Датчики на крыше, графики в коридоре."),
    ("Музей в виртуальной реальности", "Строим залы и пишем к ним рассказы."),
)
_DEMAND = (
    ("Нужны операторы беспилотников", "Работа в поле и за компьютером. Начать можно с курса."),
    ("Нужны биоинформатики", "Биологи, которые программируют, и наоборот."),
)
_KINDS: tuple[tuple[Kind, tuple[tuple[str, str], ...], int], ...] = (
    ("event", _EVENTS, 16),
    ("research", _RESEARCH, 3),
    ("project", _PROJECTS, 3),
    ("specialists", _DEMAND, 2),
)
"""With what each can be, and how often it comes."""
_AGES = ((7, 10), (9, 12), (11, 14), (12, 16), (7, 16))
_BEGIN = (time(10), time(12), time(15), time(16, 30))
_DAYS = 2 * 365 - 60


def partners(named: Sequence[PartnerEntry], curators: Sequence[Adult]) -> list[PartnerEntry]:
    """The partners, each with the made-up curators that it gets in turn."""
    return [
        partner.model_copy(
            update={
                "curators": (
                    *partner.curators,
                    *(one.name for one in curators[place :: len(named)]),
                )
            }
        )
        for place, partner in enumerate(named)
    ]


def postings(
    rng: Random,
    scale: float,
    sites: Sequence[SiteEntry],
    helping: Sequence[PartnerEntry],
    pupils: Sequence[Pupil],
    admins: Sequence[Adult],
    year: int,
    timezone: str,
) -> list[Posted]:
    """What goes on, and which pupils joined it, in the order in which they came."""
    writers = {one.site: one.name for one in admins}
    by_site = {site.id: [one for one in pupils if one.site == site.id] for site in sites}
    found = []
    for place in range(max(len(_KINDS), round(POSTINGS * scale))):
        site = sites[place % len(sites)]
        near = by_site[site.id] or pupils
        helps = [one for one in helping if site.id in one.sites]
        partner = rng.choice(helps) if helps and rng.random() < 1 / 2 else None
        writer = partner.curators[-1] if partner and partner.curators else writers[site.id]
        found.append(_posting(rng, site, partner, writer, near, year, timezone))
    return found


def _posting(
    rng: Random,
    site: SiteEntry,
    partner: PartnerEntry | None,
    writer: str,
    near: Sequence[Pupil],
    year: int,
    timezone: str,
) -> Posted:
    (chosen,) = rng.choices(_KINDS, [share for _, _, share in _KINDS])
    kind, texts, _ = chosen
    title, text = rng.choice(texts)
    starts_at = None
    if kind == "event":
        day = school_year.first_day(year) + timedelta(days=rng.randrange(_DAYS))
        starts_at = datetime.combine(day, rng.choice(_BEGIN), ZoneInfo(timezone))
    first, last = rng.choice(_AGES)
    seats = None if kind == "specialists" else rng.choice((None, 8, 12, 20, 30, 60))
    fitting = [one.name for one in near if first <= one.age <= last]
    most = min(len(fitting), 40, (seats or 40) + 4)
    joined = [] if kind == "specialists" or not most else rng.sample(fitting, rng.randint(0, most))
    return Posted(
        kind=kind,
        title=title,
        text=text,
        site=site.id,
        partner=partner.id if partner else None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2) if starts_at else None,
        seats=seats,
        age_from=first,
        age_to=last,
        written_by=writer,
        joined=tuple(joined),
    )
