"""Files on their way in and out. What goes out is never a page of ours: it runs nothing, and nothing may frame it."""

from typing import IO, cast
from urllib.parse import unquote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.cache import get_conditional_response
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from members.downloads import Download
from members.models import Member
from members.refusals import NotHere, NotSignedIn, Refused, TryAgain
from members.requests import MemberRequest, whole_number
from rooms.access import file_for
from rooms.actions.files import take_back_file, upload_file
from rooms.commands import UploadFile
from rooms.files.storage import files_storage
from rooms.live_views import refusal, same_as_page
from rooms.models import File

NO_PAGE = csp_override({"default-src": [CSP.NONE], "frame-ancestors": [CSP.NONE], "sandbox": True})  # type: ignore[dict-item]


@require_POST
def upload(request: HttpRequest, room_id: int) -> JsonResponse:
    """Take one file: the request's body is its content and nothing else, so nothing is unwrapped before we know from whom.

    Its name comes in a header, where no log of addresses sees it. Answers as commands do.
    """
    name = unquote(request.headers.get("X-File-Name", ""))
    announced = whole_number(request.headers.get("Content-Length", "")) or 0
    try:
        member = asking(request)
        answered = frozenset(request.headers.get("X-Answered", "").split())
        file = upload_file(member, UploadFile(room_id, name, cast("IO[bytes]", request), announced, answered))
    except Refused as refused:
        return refusal(refused)
    return JsonResponse({"kind": "done", **described(file)})


@require_POST
def take_back(request: HttpRequest, file_id: int) -> JsonResponse:
    """Remove one's own file before it is posted."""
    try:
        take_back_file(asking(request), file_id)
    except Refused as refused:
        return refusal(refused)
    return JsonResponse({"kind": "done"})


def asking(request: HttpRequest) -> Member:
    """The member who asks, where a script waits for the answer: no way to a page would help it. Raises NotSignedIn."""
    if not isinstance(request.user, Member):
        raise NotSignedIn
    return same_as_page(request, request.user)


def described(file: File) -> dict[str, object]:
    """What the composer shows of it."""
    width, height = file.shown_size
    picture = {"width": width, "height": height} if file.is_picture else None
    return {"id": file.pk, "name": file.name, "about": about(file), "picture": picture}


def about(file: File) -> str:
    return f"{file.label}, {filesizeformat(file.size)}"


@require_safe
@login_required
@NO_PAGE
def download(request: MemberRequest, file_id: int) -> HttpResponseBase:
    """Pictures, which we have drawn ourselves, may be looked at; everything else is only to be kept."""
    file = file_for(request.user, file_id)
    return stored(
        request, file.stored_name, content_type=file.content_type, filename=file.name, as_attachment=not file.is_picture
    )


@require_safe
@login_required
@NO_PAGE
def thumbnail(request: MemberRequest, file_id: int) -> HttpResponseBase:
    """The small copy of a picture."""
    file = file_for(request.user, file_id)
    if not file.is_picture:
        raise NotHere
    return stored(request, file.thumbnail_name, content_type="image/webp", filename="small.webp", as_attachment=False)


def stored(
    request: HttpRequest, name: str, *, content_type: str, filename: str, as_attachment: bool
) -> HttpResponseBase:
    """What is stored under a name. Raises NotHere when it is gone.

    A browser may keep its copy, and has to ask each time whether it may still show it: losing access works at once.
    """
    answer: HttpResponseBase | None = get_conditional_response(request, etag=f'"{name}"')
    if answer is None:
        try:
            content = files_storage().open(name)
        except FileNotFoundError:
            raise NotHere from None
        except OSError:
            raise TryAgain("The server could not fetch this file just now. Try again in a moment.") from None
        answer = Download(content, content_type=content_type, filename=filename, as_attachment=as_attachment)
    answer.headers["ETag"] = f'"{name}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
