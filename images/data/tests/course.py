"""What pupils of a data course import and open, without a network."""

import io


def test_penguins_and_digits_come_with_the_image():
    from palmerpenguins import load_penguins
    from sklearn.datasets import load_digits

    assert len(load_penguins()) == 344
    assert load_digits().images.shape == (1797, 8, 8)


def test_a_chart_is_drawn_with_russian_letters():
    import matplotlib as mpl

    mpl.use("agg")
    import pandas as pd
    import seaborn as sns

    table = pd.DataFrame({"масса": [3750, 3800, 5000], "вид": ["Адели", "Адели", "Генту"]})
    axes = sns.barplot(table, x="вид", y="масса")
    picture = io.BytesIO()
    axes.figure.savefig(picture, format="png")
    assert picture.getvalue().startswith(b"\x89PNG")


def test_a_model_learns():
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    digits = load_digits()
    model = LogisticRegression(max_iter=50, tol=0.1).fit(digits.data[:500], digits.target[:500])
    assert model.score(digits.data[500:700], digits.target[500:700]) > 0.8
