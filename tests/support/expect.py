"""What every test of a system in Python says when it is not so."""


class Failure(Exception):
    """What was expected, and what is."""


def expect(what, expected, actual):
    if expected != actual:
        raise Failure(f"{what}\n--- expected\n{expected}\n--- actual\n{actual}")
