"""A page under guard: what it asks of other hosts, and what its console says."""

DESK = {"width": 1280, "height": 900}


class Visit:
    """Open addresses in a page and note what they asked of others and what went wrong."""

    def __init__(self, page, home):
        self.page = page
        self.outside = []
        self.complaints = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._watch)
        page.route(lambda url: not url.startswith((home, "data:", "blob:")), self._stop)

    def _listen(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _watch(self, response):
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def _stop(self, route):
        self.outside.append(route.request.url)
        route.abort()

    def open(self, address):
        """Go to an address and wait until it is there."""
        self.page.goto(address, wait_until="load")
