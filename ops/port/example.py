#!/usr/bin/env python3
"""example.py FILE: writes a declaration of FWD-QD-01 that nobody sent before; an existing file is left as it is."""
import os
import sys
import time

import messages
import play

number = (play.LIVE + int(time.time())) // 24 * 24 - 12        # of FWD-QD-01, an import, not inspected (play.py)
if not os.path.exists(sys.argv[1]):
    with open(sys.argv[1], "wb") as out:
        out.write(messages.declaration(play.Goods(number)))
