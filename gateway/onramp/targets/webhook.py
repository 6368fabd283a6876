"""A POST of multipart/form-data: the field `fax` is JSON, the file `document` the PDF.

`X-Faxgate-Delivery` is the same at every try, so that a receiver can tell a repeat;
`X-Faxgate-Signature` is `sha256=` and the HMAC of the whole body under the shared secret, in
hexadecimal. Any 2xx takes the fax over; 410 (gone) refuses it for ever; everything else is tried
again, for an administrator may mend it. Redirects are not followed: a fax goes where it was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Final

import httpx

from gateway.config.receiving import WebhookTarget
from gateway.mailout.transport import PermanentFailure, TemporaryFailure
from gateway.onramp.targets.parcel import Parcel
from gateway.said import said

GONE: Final = 410


class Webhook:
    """Posts to one URL."""

    def __init__(self, settings: WebhookTarget) -> None:
        self._settings = settings

    async def deliver(self, parcel: Parcel) -> None:
        """Post the fax and wait for the answer."""
        seconds = self._settings.timeout.total_seconds()
        try:
            async with (
                asyncio.timeout(seconds),
                httpx.AsyncClient(timeout=seconds, follow_redirects=False) as client,
            ):
                request = await asyncio.to_thread(self._request, client, parcel)
                response = await client.send(request, stream=True)  # its body is not read
                status = response.status_code
                await response.aclose()
        except (httpx.HTTPError, OSError, TimeoutError) as error:
            raise TemporaryFailure(_why(error, seconds)) from error
        if status == GONE:
            raise PermanentFailure(said("the webhook answered 410: it is gone"))
        if not 200 <= status < 300:
            raise TemporaryFailure(said("the webhook answered {status}", status=status))

    def _request(self, client: httpx.AsyncClient, parcel: Parcel) -> httpx.Request:
        text = {"text": parcel.texts()} if self._settings.text else {}
        facts = json.dumps({**parcel.facts(), **text}, ensure_ascii=False)
        pdf = (f"fax-{parcel.fax.id}.pdf", parcel.pdf(), "application/pdf")
        request = client.build_request(
            "POST",
            self._settings.url,
            data={"fax": facts},
            files={"document": pdf},
            headers={"X-Faxgate-Delivery": parcel.delivery},
        )
        body = request.read()
        if self._settings.secret:
            digest = hmac.new(self._settings.secret.encode(), body, hashlib.sha256).hexdigest()
            request.headers["X-Faxgate-Signature"] = f"sha256={digest}"
        return request


def _why(error: Exception, seconds: float) -> str:
    """Why there was no answer, for people."""
    match error:
        case TimeoutError() | httpx.TimeoutException():
            return said("no answer from the webhook within {seconds} s", seconds=f"{seconds:g}")
        case httpx.ConnectError():
            return said("the webhook cannot be reached: {error}", error=str(error))
        case httpx.RemoteProtocolError() if "disconnected" not in str(error):
            return said("what the webhook answers is no HTTP")
        case _:
            return said("the webhook closed the connection without an answer")
