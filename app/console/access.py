"""Who gets in: login and logout, and a guard around every page and every form."""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.bounded_body import BodyTooLarge
from app.console.login_limit import LoginLimit
from app.console.pages import HEADERS, Pages
from app.console.sessions import Session, Sessions
from app.web.request_body import BoundedBodies, TooManyLargeBodies

log = structlog.get_logger()

COOKIE = "voicememo_console"
HOME = "/console"
MAX_FORM_BYTES = 128 * 1024
_MAX_FIELDS = 20
_OWN_PAGE = re.compile(r"/console(/[A-Za-z0-9][A-Za-z0-9._:~@+=-]{0,400}){0,3}")

Page = Callable[[Request, Session], Awaitable[Response]]
Form = Callable[[Request, Session, "Fields"], Awaitable[Response]]
Upload = Callable[[Request, Session, bytes], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Fields:
    """The fields of a form, each once; what is missing is empty."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


class FormUnusable(Exception):
    """The body is no form that we would send; `status` is for the response."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Access:
    """Guards the console with the admin token; sessions are cookies."""

    def __init__(
        self,
        admin_token: str,
        sessions: Sessions,
        pages: Pages,
        logged_in: Callable[[], None] = lambda: None,
    ) -> None:
        """logged_in: called when somebody has logged in."""
        self._logged_in = logged_in
        self._admin_token = admin_token
        self._sessions = sessions
        self._pages = pages
        self._limit = LoginLimit()
        self._bodies = BoundedBodies(MAX_FORM_BYTES)

    def page(self, handler: Page) -> Endpoint:
        """A page for whoever is logged in; others get the login form in its place."""

        async def show(request: Request) -> Response:
            session = self._session(request)
            if session and session.is_admin:
                return await handler(request, session)
            if request.headers.get("sec-fetch-site") == "cross-site":
                # A strict cookie does not come along with a link from elsewhere; with a link from
                # here it does.
                return self._pages.render(request, "again.html", None)
            return self._login_form(request, next_page=_next_page(request.url.path))

        return show

    def resource(self, handler: Page) -> Endpoint:
        """What a page loads: a plain 401 without a session."""

        async def give(request: Request) -> Response:
            session = self._session(request)
            if session and session.is_admin:
                return await handler(request, session)
            return Response(status_code=401)

        return give

    def form(self, handler: Form) -> Endpoint:
        """A form of a page; only from a page of ours, by whoever is logged in."""

        async def take(request: Request) -> Response:
            session = self._session(request)
            try:
                fields = await self._fields(request, session)
            except FormUnusable as error:
                return self._pages.error_page(request, error.status)
            if session is None or not session.is_admin:
                return self._login_form(request, next_page=HOME)
            return await handler(request, session, fields)

        return take

    def upload(self, handler: Upload, limit: int) -> Endpoint:
        """A file of at most `limit` bytes that a script of a page sends, with the form token of
        its session in the header X-Form-Token. Responses are for the script, without a page."""
        bodies = BoundedBodies(limit)

        async def take(request: Request) -> Response:
            session = self._session(request)
            if session is None or not session.is_admin:
                return Response(status_code=401, headers=HEADERS)
            token = request.headers.get("x-form-token", "")
            if _is_foreign(request) or not self._sessions.is_form_token(session, token):
                return Response(status_code=403, headers=HEADERS)
            try:
                body = await bodies.read(request)
            except BodyTooLarge:
                return Response(status_code=413, headers=HEADERS)
            except TooManyLargeBodies:
                return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})
            return await handler(request, session, body)

        return take

    async def login(self, request: Request) -> Response:
        """`POST /console/login`: a session for the right token; wrong ones are slowed down."""
        form_session = self._session(request)
        try:
            fields = await self._fields(request, form_session)
        except FormUnusable as error:
            if error.status != 403:
                return self._pages.error_page(request, error.status)
            return self._login_form(request, HOME, "The form was too old. Please try again.", 403)
        next_page, client = _next_page(fields["next"]), client_of(request)
        if (pause := self._limit.wait_seconds(client)) > 0:
            seconds = math.ceil(pause)
            told = f"Too many wrong tokens. Try again in {seconds} s."
            response = self._login_form(request, next_page, told, 429)
            response.headers["Retry-After"] = str(seconds)
            return response
        given = fields["token"].strip().encode()
        if not hmac.compare_digest(given, self._admin_token.encode()):
            self._limit.failed(client)
            log.warning("console login refused", reason="wrong_token")
            return self._login_form(request, next_page, "That is not the admin token.", 401)
        self._limit.succeeded(client)
        log.info("console login")
        self._logged_in()
        return self._with_cookie(
            request, RedirectResponse(next_page, 303), self._sessions.begin("admin")
        )

    async def logout(self, _request: Request, _session: Session, _fields: Fields) -> Response:
        """`POST /console/logout`."""
        response = RedirectResponse(HOME, 303)
        response.delete_cookie(COOKIE, path=HOME)
        return response

    def _login_form(
        self, request: Request, next_page: str, problem: str = "", status: int = 200
    ) -> Response:
        session = self._session(request)
        if session is None or session.is_admin:
            session = self._sessions.begin("form")
        response = self._pages.render(
            request, "login.html", session, status=status, next_page=next_page, problem=problem
        )
        return self._with_cookie(request, response, session)

    def _session(self, request: Request) -> Session | None:
        return self._sessions.read(request.cookies.get(COOKIE))

    def _with_cookie(self, request: Request, response: Response, session: Session) -> Response:
        response.set_cookie(
            COOKIE,
            self._sessions.cookie(session),
            max_age=session.seconds,
            path=HOME,
            secure=is_https(request),
            httponly=True,
            samesite="strict",
        )
        return response

    async def _fields(self, request: Request, session: Session | None) -> Fields:
        """The fields of a form that a page of this session sent. Raises: FormUnusable."""
        if _is_foreign(request):
            raise FormUnusable(403)
        try:
            body = await self._bodies.read(request)
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict"
            )
        except BodyTooLarge:
            raise FormUnusable(413) from None
        except TooManyLargeBodies:
            raise FormUnusable(503) from None
        except ValueError:
            raise FormUnusable(400) from None
        fields = Fields(dict(pairs))
        if session is None or not self._sessions.is_form_token(session, fields["csrf"]):
            raise FormUnusable(403)
        return fields


def _is_foreign(request: Request) -> bool:
    # Browsers say where a request comes from; old ones do not, and have the token alone.
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def is_https(request: Request) -> bool:
    """Whether the browser speaks HTTPS, as the host's router tells it."""
    told = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return (told or request.url.scheme) == "https"


def client_of(request: Request) -> str:
    """Who asks: the address that the nearest proxy saw, else that of the connection."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return (forwarded or (request.client.host if request.client else ""))[:64]


def _next_page(path: str) -> str:
    return path if _OWN_PAGE.fullmatch(path) else HOME
