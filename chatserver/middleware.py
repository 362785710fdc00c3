"""Around every page: the clock, the community's first run; answers are compressed, and a refusal becomes a page."""

import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from chatserver.views import not_found
from members.community.facts import MEMORY, Facts, the_community
from members.refusals import AboutWords, NotHere, Refused
from moderation.questions import asked_again

log = logging.getLogger(__name__)


class CompressPages(GZipMiddleware):
    """Not what is streamed: files are small already, and compressing one as a stream would read it into memory first."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


BEFORE_THE_FIRST = ("/welcome/", "/healthz", "/readyz", "/metrics")
"""What answers on an empty database. Everything else leads to the first of these."""


class CommunityMiddleware:
    """Leads to the first run while nobody has begun the community; and sets the clock.

    Each request begins and ends by the community's clock; whoever is recognised in between sees their own (members/backends.py).
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self.answer_async(request)
        facts = the_community()
        if leads_to_first_run(request, facts):
            return redirect("welcome")
        with timezone.override(facts.time_zone):
            return self.get_response(request)

    async def answer_async(self, request: HttpRequest) -> Any:
        # What is remembered needs no thread, and nearly always it is.
        facts = MEMORY.fresh() or await sync_to_async(the_community)()
        if leads_to_first_run(request, facts):
            return redirect("welcome")
        with timezone.override(facts.time_zone):
            return await self.get_response(request)


def leads_to_first_run(request: HttpRequest, facts: Facts) -> bool:
    return not facts.has_begun and request.path_info not in BEFORE_THE_FIRST


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
        if isinstance(exception, AboutWords) and request.method == "POST":
            return asked_again(request, exception)
        if isinstance(exception, Refused):
            return render(request, "errors/refused.html", {"refused": exception}, status=exception.status)
        if isinstance(exception, DatabaseError | InterfaceError):
            log.warning("A page was not made: %s", type(exception).__name__)
            return HttpResponse(render_to_string("errors/500.html"), status=503)
        return None
