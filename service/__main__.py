"""`python -m service VERB`: see `cli`."""

from service.cli import main

raise SystemExit(main())
