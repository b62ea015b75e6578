"""What kept processes do in tests, in a module that they import at once."""

import os
import time

DIES, STANDS_STILL, IS_SLOW = 13, 14, 15


def serve(mark):
    """Answers with a number, its own id and a variable of its environment."""

    def answer(number):
        if number == DIES:
            os._exit(1)
        if number == STANDS_STILL:
            time.sleep(600)
        if number == IS_SLOW:
            for place in range(8):
                mark.value = place
                time.sleep(0.5)
        return f"{number} {os.getpid()} {os.environ['ERRAND']}".encode()

    return answer
