"""`python -m tests.corpus --out DIR`: every mail of the corpus, its pages as PNG, and an index.

For eyes: whether letters are right and nothing is cut is seen faster than tested. `index.txt` has a
line for each part: its case, its name, and its pages or why it is none.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from gateway.config.documents import Documents
from gateway.offramp.render import Rendered, Renderer
from gateway.options import Options
from gateway.paper import bilevel
from tests.corpus.mails import SCRIPTS, hostile, ordinary
from tests.gateway.offramp.corpus import mail

SECONDS = 20.0  # for one part: the hostile ones take them all


async def main(out: Path) -> None:
    """Render every mail, and one with a cover."""
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    renderer = Renderer(Documents(seconds=SECONDS, on_bad_part="rest"))
    try:
        for name, raw in (ordinary() | hostile()).items():
            lines += _keep(out, name, raw, await renderer.render(raw))
        covered = b"Accept-Language: pl\n" + mail(SCRIPTS["polish"])
        to = [("Biuro Rachunkowe", "+48221234567")]
        rendered = await renderer.render(covered, Options(cover=True), to)
        lines += _keep(out, "cover", covered, rendered)
    finally:
        await renderer.close()
    (out / "index.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _keep(out: Path, name: str, raw: bytes, rendered: Rendered) -> list[str]:
    """Write the mail and its pages; its lines of the index."""
    (out / f"{name}.eml").write_bytes(raw)
    for page in rendered.pages:
        bilevel(page).save(out / f"{name}-{page.number}.png", dpi=page.vr.dpi)
    lines = [
        f"{name}: {part.name}: {part.reason or f'{part.pages} pages'}"
        for part in rendered.documents
    ]
    return lines or [f"{name}: {rendered.refused}"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.corpus")
    parser.add_argument("--out", type=Path, required=True, help="directory of mails and pages")
    asyncio.run(main(parser.parse_args().out))
