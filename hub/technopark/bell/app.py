"""The bell as an ASGI application: its rounds beside its pages.

Called by `__main__` (the service) and by the tests.
"""

from fastapi import FastAPI

from technopark.settings import Settings


def create_app(settings: Settings, hub_api_url: str, token: str) -> FastAPI:
    """The service over the park's timetable; it starts also while the hub is away."""
    del settings, hub_api_url, token
    return FastAPI(title="Technopark: the bell", openapi_url=None)
