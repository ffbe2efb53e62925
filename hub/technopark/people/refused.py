"""Why something that a person asked for on a page cannot be done.

Raised by the parts of `people` that the portal calls; its pages translate the sentence and show it
beside the field. What is refused changes nothing.
"""

from technopark.problem import Problem


class Refused(Problem):
    """What was asked for cannot be done; the sentence is for the one who asked."""

    def __init__(self, text: str, field: str = "", **values: object) -> None:
        """Says why not.

        Args:
            text: the sentence in English, by which its Russian is found; `values` fill it.
            field: the form's field that it is about; empty: none.
            values: what stands in its braces.
        """
        self.text, self.field, self.values = text, field, values
        super().__init__(text.format(**values))
