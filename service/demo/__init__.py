"""Below site: a demonstration of two provinces. Places are real; all else is synthetic and says so."""

from service.demo.loading import NotFresh, build, load, loaded
from service.demo.scene import Built, Size

__all__ = ["Built", "NotFresh", "Size", "build", "load", "loaded"]
