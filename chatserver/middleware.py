"""A clock for each request; and its answer on the way out: pages are compressed, a refusal becomes one."""

import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from chatserver.views import not_found
from members.refusals import NotHere, Refused

log = logging.getLogger(__name__)


class CompressPages(GZipMiddleware):
    """Not what is streamed: files are small already, and compressing one as a stream would read it into memory first."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


class RefusalMiddleware:
    """Gives a Refused its page and its status; a page that needs a database that is away says so."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotHere):
            return not_found(request)
        if isinstance(exception, Refused):
            return render(request, "errors/refused.html", {"refused": exception}, status=exception.status)
        if isinstance(exception, DatabaseError | InterfaceError):
            log.warning("A page was not made: %s", type(exception).__name__)
            return HttpResponse(render_to_string("errors/500.html"), status=503)
        return None


class ClockMiddleware:
    """Each request begins and ends by the site's clock; whoever is recognised in between sees their own (members/backends.py)."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self):
            return self.answer(request)
        with timezone.override(None):
            return self.get_response(request)

    async def answer(self, request: HttpRequest) -> Any:
        with timezone.override(None):
            return await self.get_response(request)
