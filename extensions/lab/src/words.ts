// What the panel says, in Russian and in English; what the server says comes with its answers.

const ENGLISH = {
  tasks: "Tasks",
  refresh: "Refresh",
  loading: "Looking for your tasks…",
  noTasks: "Your teacher has not handed out any tasks yet.",
  away: "Your server does not answer. Your work is not lost: wait a minute and try again.",
  due: "Hand in by {when}",
  overdue: "The deadline was {when}",
  noDeadline: "No deadline",
  get: "Get the task",
  getting: "Fetching…",
  got: "The task “{task}” is here. Open the notebook and start!",
  open: "Open",
  check: "Check",
  checking: "Checking… this may take a minute",
  passed: "{notebook}: all tests pass. Well done!",
  failed: "{notebook}: not all tests pass yet",
  changed: "{notebook}: cells with tests were changed. Put them back as they were",
  handIn: "Hand in",
  handInAgain: "Hand in again",
  handingIn: "Handing in…",
  handedIn: "Handed in {when}",
  late: "after the deadline",
  receipt: "Receipt no. {id}",
  taken: "Your work is taken! Keep the receipt: it proves that you handed in.",
  showReceipt: "Show the receipt",
  mark: "Mark: {score} of {most}",
  readFeedback: "Read the feedback",
  fetching: "Fetching the feedback…",
  checkedSoon: "Not marked yet",
  earlier: "Handed in before: {count}",
  raiseHand: "Raise a hand",
  lowerHand: "Lower my hand",
  handUp: "Your hand is up. Your teacher sees it.",
  gpu: "GPU"
};

export type Word = keyof typeof ENGLISH;

const RUSSIAN: Record<Word, string> = {
  tasks: "Задания",
  refresh: "Обновить",
  loading: "Ищем твои задания…",
  noTasks: "Учитель пока не выдал ни одного задания.",
  away: "Твой сервер не отвечает. Работа не пропала: подожди минуту и попробуй ещё раз.",
  due: "Сдать до {when}",
  overdue: "Срок был {when}",
  noDeadline: "Без срока",
  get: "Получить задание",
  getting: "Получаем…",
  got: "Задание «{task}» получено. Открой тетрадь и начинай!",
  open: "Открыть",
  check: "Проверить",
  checking: "Проверяем… это может занять минуту",
  passed: "{notebook}: все проверки пройдены. Молодец!",
  failed: "{notebook}: пройдены пока не все проверки",
  changed: "{notebook}: ячейки с проверками изменены. Верни их, как было",
  handIn: "Сдать",
  handInAgain: "Сдать ещё раз",
  handingIn: "Сдаём…",
  handedIn: "Сдано {when}",
  late: "позже срока",
  receipt: "Квитанция № {id}",
  taken: "Работа принята! Квитанция доказывает, что она сдана.",
  showReceipt: "Показать квитанцию",
  mark: "Оценка: {score} из {most}",
  readFeedback: "Прочитать отзыв",
  fetching: "Получаем отзыв…",
  checkedSoon: "Ещё не проверено",
  earlier: "Сдано раньше: {count}",
  raiseHand: "Поднять руку",
  lowerHand: "Опустить руку",
  handUp: "Рука поднята. Учитель её видит.",
  gpu: "Видеокарта"
};

export type Say = (word: Word, details?: Record<string, string | number>) => string;

/** Speaks `ru` or `en`. */
export function speaker(language: string): Say {
  const texts = language === "ru" ? RUSSIAN : ENGLISH;
  return (word, details = {}) =>
    texts[word].replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ""));
}

/** Writes moments as people read them, by the clock of the classroom's site. */
export function clock(language: string, timezone: string): (moment: string) => string {
  const format = new Intl.DateTimeFormat(language === "ru" ? "ru-RU" : "en-GB", {
    weekday: "short",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: timezone
  });
  return moment => format.format(new Date(moment));
}

/** Points without needless zeros, with the language's decimal sign. */
export function points(language: string, count: number): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(count);
}
