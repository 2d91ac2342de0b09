"""`python -m npi_tf`; see `npi_tf.cli`."""

import sys

from npi_tf import cli

if __name__ == "__main__":
    sys.exit(cli.main())
