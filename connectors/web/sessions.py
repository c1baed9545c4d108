"""Who asks over HTTP: a Bearer token, of the API or of a site's widget, else the page's signed session cookie, else
somebody unknown at an address."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from assistant.creators.accounts import Accounts, Creator
from assistant.errors import NotAllowed
from assistant.identity import DEMONSTRATION, Caller, TokenOffice
from assistant.sites.visits import Visit, Visits
from connectors.web.problems import Refusal

COOKIE = "heliotrope_session"
SESSION_SECONDS = 30 * 24 * 3600
ANSWER_SECONDS = 300  # more than any answer takes
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Sessions:
    """Turns a request into a Caller.

    Invariant: a credential that does not hold is refused, never quietly downgraded to an anonymous question; and the
    cookie speaks for demonstration creators only, whatever it says.
    """

    def __init__(self, tokens: TokenOffice, accounts: Accounts, visits: Visits) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._visits = visits

    def caller(self, request: Request) -> Caller:
        """Who asks. Raises Refusal 401 for a bad token or session, 403 for a cookie sent from another site."""
        address = request.client.host if request.client else ""
        visit, bearer = self.visit(request), bearer_of(request)
        if visit is not None:
            return Caller("widget", visit.creator, f"{visit.site.id}/{visit.visitor or 'server'}")
        if bearer is not None:
            return Caller("web", self._creator_of_token(bearer), address)
        require_own_origin(request)
        creator = self.demonstration(request)
        if creator is None and request.cookies.get(COOKIE):
            raise Refusal(401, "problem.session", headers=_CHALLENGE)
        return Caller("web", creator, address, frozenset({DEMONSTRATION} if creator else ()))

    def look_again(self, request: Request, caller: Caller) -> None:
        """While an answer is under way: nothing when the request still speaks for whom it spoke, Refusal 401 when not.
        That a token expires meanwhile does not end what was begun in its time."""
        bearer, held = bearer_of(request), caller.creator is None
        if self.visit(request) is not None and bearer is not None:
            try:
                held = self._visits.read(bearer, ANSWER_SECONDS).creator == caller.creator
            except NotAllowed:
                held = False
        elif caller.creator is not None:
            held = self._accounts.find(caller.creator) is not None
        if not held:
            raise Refusal(401, "problem.token", headers=_CHALLENGE)

    def visit(self, request: Request) -> Visit | None:
        """The visit to a site's widget that the request belongs to; None for every other request."""
        if not hasattr(request.state, "visit"):  # looked up once a request
            bearer = bearer_of(request)
            request.state.visit = None if bearer is None else self._visit(bearer)
        visit: Visit | None = request.state.visit
        return visit

    def demonstration(self, request: Request) -> str | None:
        """The demonstration creator that the page's session speaks for; None without a session that holds."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        try:
            creator = self._accounts.find(self._tokens.creator_of(cookie))
        except NotAllowed:
            return None
        return creator.id if creator and creator.synthetic else None

    def demonstration_creators(self) -> list[Creator]:
        """Those whom anybody may try the guide as."""
        return [creator for creator in self._accounts.all() if creator.synthetic]

    def choose(self, request: Request, response: Response, creator_id: str | None) -> Creator | None:
        """Set the session cookie to a demonstration creator, or clear it with None. Refusal 404 for anyone else."""
        require_own_origin(request)
        if creator_id is None:
            self.forget(request, response)
            return None
        creator = self._accounts.find(creator_id)
        if creator is None or not creator.synthetic:
            raise Refusal(404, "problem.no_creator")
        response.set_cookie(
            COOKIE,
            self._tokens.issue(creator.id, SESSION_SECONDS),
            max_age=SESSION_SECONDS,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return creator

    def forget(self, request: Request, response: Response) -> None:
        """Clear the session cookie, if there is one."""
        if COOKIE in request.cookies:
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")

    def _visit(self, bearer: str) -> Visit | None:
        try:
            return self._visits.read(bearer)
        except NotAllowed:
            return None

    def _creator_of_token(self, token: str) -> str:
        try:
            creator = self._tokens.creator_of(token)
        except NotAllowed as error:
            raise Refusal(401, "problem.token", headers=_CHALLENGE) from error
        if self._accounts.find(creator) is None:
            raise Refusal(401, "problem.token", headers=_CHALLENGE)
        return creator


def bearer_of(request: Request) -> str | None:
    """The Bearer token of a request; None without the header. Refusal 401 for another scheme or an empty token."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal(401, "problem.not_bearer", headers=_CHALLENGE)
    return token.strip()


def require_own_origin(request: Request) -> None:
    """Refuse what another site's page sends. Browsers name the page's origin on every POST; other clients name none."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Refusal(403, "problem.origin")
