"""The one error that people see."""


class Refused(Exception):
    """A request that cannot be carried out, with the sentence that tells its sender why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
