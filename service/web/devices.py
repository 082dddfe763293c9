"""What a browser says of the device that it runs on, as its owner would know it again in a list of sessions."""

from typing import Annotated

from fastapi import Depends, Request

_SYSTEMS = {"android": "Android", "iphone": "iPhone", "ipad": "iPad", "windows": "Windows", "mac os": "macOS",
            "linux": "Linux"}  # fmt: skip
_PROGRAMS = {"line/": "LINE", "edg": "Edge", "samsungbrowser": "Samsung Internet", "opr/": "Opera",
             "firefox": "Firefox", "chrome": "Chrome", "safari": "Safari"}  # fmt: skip


def device_of(agent: str) -> str:
    """A device in two words from a browser's own description: enough to know it again, too little to follow anyone."""
    low = agent.casefold()
    found = [next((name for sign, name in table.items() if sign in low), "") for table in (_PROGRAMS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or agent.split("/", maxsplit=1)[0][:40]


def _device(request: Request) -> str:
    return device_of(request.headers.get("user-agent", ""))


Device = Annotated[str, Depends(_device)]
