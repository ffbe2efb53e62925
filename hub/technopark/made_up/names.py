"""Made-up names: a given name that many have and one letter, as the park keeps children's names.

Called by `made_up.schools` and by the benches. Pure: the same random source gives the same names.
"""

from collections import Counter
from random import Random

from technopark.people.names import normalise

_GIRLS = (
    "Александра Алина Алиса Алёна Анастасия Анна Арина Василиса Вера Вероника Виктория Дарья "
    "Диана Ева Евгения Екатерина Елена Елизавета Злата Ирина Камилла Кира Кристина Ксения Лидия "
    "Маргарита Марина Мария Милана Мирослава Надежда Наталья Ольга Полина Светлана София Таисия "
    "Татьяна Ульяна Юлия Яна"
)
_BOYS = (
    "Александр Алексей Андрей Антон Арсений Артём Артур Богдан Вадим Василий Виктор Владимир "
    "Владислав Георгий Глеб Григорий Даниил Денис Дмитрий Егор Иван Игорь Илья Кирилл "
    "Константин Лев Макар Максим Марк Матвей Михаил Никита Николай Олег Павел Пётр Роман Семён "
    "Сергей Степан Тимур Тимофей Фёдор Ярослав"
)
_WOMEN = (
    "Александра Алла Анна Валентина Вера Галина Екатерина Елена Ирина Ксения Лариса Любовь "
    "Людмила Марина Мария Надежда Наталья Нина Оксана Ольга Светлана Татьяна Юлия"
)
_MEN = (
    "Александр Алексей Андрей Виктор Владимир Дмитрий Евгений Иван Игорь Михаил Николай Олег "
    "Павел Сергей Юрий"
)
_LETTERS = "ААББББВВВГГГДДЕЖЗЗИИККККККЛЛЛМММММННОПППППРРСССССТТУФХЦЧШЩЭЮЯ"
"""First letters of surnames, the common ones more often."""
_WOMEN_AMONG_TEACHERS = 0.8


def child(rng: Random) -> str:
    """A pupil's name: `Мария К.`, say."""
    return _called(rng, _GIRLS if rng.random() < 1 / 2 else _BOYS)


def adult(rng: Random) -> str:
    """The name of somebody who works at a school, written as a pupil's is."""
    return _called(rng, _WOMEN if rng.random() < _WOMEN_AMONG_TEACHERS else _MEN)


def _called(rng: Random, given: str) -> str:
    return f"{rng.choice(given.split())} {rng.choice(_LETTERS)}."


class SignInNames:
    """Gives each person a name to sign in with that nobody else of this city has."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, full_name: str) -> str:
        """`mariia-k`, then `mariia-k-2`: made as rosters make them (`people.roster`)."""
        plain = normalise(full_name)
        self._given[plain] += 1
        number = self._given[plain]
        return plain if number == 1 else f"{plain}-{number}"
