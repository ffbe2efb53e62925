"""Every sentence that the robots say to a pupil, in Russian and in English.

All modules of the package take their words from here; nothing here knows about physics or widgets.
"""

import os
from typing import Final

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "ru": {
        "crash-wall": "Робот ударился о стену, проехав {path} м. Поверни или остановись раньше.",
        "crash-box": "Робот ударился о ящик, проехав {path} м. Объезжай его или остановись раньше.",
        "after-crash": "Робот уже столкнулся с препятствием и стоит. "
        "Начни заново: выполни ячейку, в которой создаётся мир.",
        "time-is-up": "Прошло {seconds} с, а программа всё ещё работает. "
        "Проверь, когда должен закончиться цикл while.",
        "no-world": "Роботу негде ехать. Сначала создай мир, например: world = World.square().",
        "port-empty": "В порт {port} ничего не подключено. У этого робота: {ports}.",
        "port-other": "В порту {port} — {found}, а программа ищет там другое: {wanted}. "
        "У этого робота: {ports}.",
        "port-not-a-port": "Порт записывают так: Port.A. А здесь написано: {value}.",
        "not-a-number": "{command}: {argument} должно быть числом, а здесь написано: {value}.",
        "not-positive": "{command}: {argument} должно быть больше нуля, а здесь {value}.",
        "not-possible": "{command}: {argument} у робота в симуляторе менять нельзя. "
        "Убери это из скобок.",
        "arc-arguments": "arc: укажи что-то одно — angle (угол) или distance (путь).",
        "arc-radius": "arc: радиус не может быть равен нулю. Чтобы повернуть на месте, "
        "есть команда turn.",
        "same-motor": "Левый и правый мотор — это один и тот же мотор. "
        "Подключи их к разным портам: A и B.",
        "line-unknown": "World.line: такой линии нет: {course}. Есть: {known}.",
        "left-motor": "левый мотор",
        "right-motor": "правый мотор",
        "color-sensor": "датчик цвета",
        "ultrasonic-sensor": "датчик расстояния",
        "motor": "мотор",
        "line-of-program": "Строка {number}: {text}",
        "summary-still": "Робот ещё не ездил.",
        "summary": "Робот ехал {seconds} с и проехал {path} м.",
        "mission-none": "",
        "mission-route": "Отметки по порядку: {reached} из {total}. Очки: {score} из 100.",
        "mission-parking": "Очки за остановку: {score} из 100.",
        "label-time": "Время, с",
    },
    "en": {
        "crash-wall": "The robot hit the wall at {path} m. Turn or stop earlier.",
        "crash-box": "The robot hit a box at {path} m. Drive around it or stop earlier.",
        "after-crash": "The robot has already hit something and stands still. "
        "Start again: run the cell that makes the world.",
        "time-is-up": "{seconds} seconds have passed and the program is still running. "
        "Check when the while loop should end.",
        "no-world": "The robot has nowhere to drive. Make a world first, "
        "for example: world = World.square().",
        "port-empty": "Nothing is connected to port {port}. This robot has: {ports}.",
        "port-other": "Port {port} holds a {found}, but the program looks for another device "
        "there: {wanted}. This robot has: {ports}.",
        "port-not-a-port": "A port is written like this: Port.A. Here it says: {value}.",
        "not-a-number": "{command}: {argument} must be a number, but here it says: {value}.",
        "not-positive": "{command}: {argument} must be greater than zero, but here it is {value}.",
        "not-possible": "{command}: {argument} cannot be changed in the simulator. "
        "Take it out of the brackets.",
        "arc-arguments": "arc: give exactly one of angle and distance.",
        "arc-radius": "arc: the radius cannot be zero. To turn on the spot, use turn.",
        "same-motor": "The left and the right motor are the same motor. "
        "Connect them to different ports: A and B.",
        "line-unknown": "World.line: there is no line {course}. There are: {known}.",
        "left-motor": "left motor",
        "right-motor": "right motor",
        "color-sensor": "color sensor",
        "ultrasonic-sensor": "ultrasonic sensor",
        "motor": "motor",
        "line-of-program": "Line {number}: {text}",
        "summary-still": "The robot has not driven yet.",
        "summary": "The robot drove for {seconds} s and went {path} m.",
        "mission-none": "",
        "mission-route": "Marks in order: {reached} of {total}. Score: {score} of 100.",
        "mission-parking": "Score for stopping: {score} of 100.",
        "label-time": "Time, s",
    },
}


def language() -> str:
    """The pupil's language, `ru` or `en`, from TECHNOPARK_LANGUAGE; Russian when unset."""
    chosen = os.environ.get("TECHNOPARK_LANGUAGE", "ru")
    return chosen if chosen in SENTENCES else "ru"


def say(key: str, **values: object) -> str:
    """The sentence `key` in the pupil's language, with `values` put in."""
    return SENTENCES[language()][key].format(**values)


def decimal(value: float, digits: int = 2) -> str:
    """A number as the pupil's language writes it: 1,20 in Russian and 1.20 in English."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language() == "ru" else text
