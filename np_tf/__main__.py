"""`python -m np_tf`; see `np_tf.cli`."""

import sys

from np_tf import cli

if __name__ == "__main__":
    sys.exit(cli.main())
