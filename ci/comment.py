"""
Keeps one comment of slogen on a pull request: the first run writes it, each later one writes it anew.

Called with the number of the pull request and a file of Markdown, whose first line marks the comment. The environment
is that of a step of a workflow: GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN.

Source: https://docs.github.com/en/rest/issues/comments
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import requests

_TIMEOUT_SECONDS: Final = 30


def keep(session: requests.Session, repository: str, number: int, body: str) -> str:
    """
    Write the comment *body* on the pull request *number*, in place of the one with the same first line.

    Only a comment of a bot is written anew: anybody can write a line that marks one.

    Args:
        repository: its address in the API.

    Returns:
        The address of the comment.

    Raises:
        requests.RequestException: GitHub refused, or could not be reached.
    """
    marker = body.partition("\n")[0]
    comments = _comments(session, f"{repository}/issues/{number}/comments?per_page=100")
    mine = (one["url"] for one in comments if one["user"]["type"] == "Bot" and one["body"].startswith(marker))
    there = next(mine, None)
    answer = (
        session.patch(there, json={"body": body}, timeout=_TIMEOUT_SECONDS)
        if there
        else session.post(f"{repository}/issues/{number}/comments", json={"body": body}, timeout=_TIMEOUT_SECONDS)
    )
    answer.raise_for_status()
    return str(answer.json()["html_url"])


def _comments(session: requests.Session, url: str | None) -> Iterator[Any]:
    """All comments, page after page."""
    while url:
        answer = session.get(url, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        yield from answer.json()
        url = answer.links.get("next", {}).get("url")


def main() -> None:
    """Do it as the arguments and the environment say."""
    number, file = sys.argv[1:]
    with requests.Session() as session:
        session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
                "X-GitHub-Api-Version": "2022-11-28",
            }
        )
        repository = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
        try:
            print(keep(session, repository, int(number), Path(file).read_text("utf-8")))
        except requests.RequestException as error:
            sys.exit(f"the comment could not be written: {error}")


if __name__ == "__main__":
    main()
