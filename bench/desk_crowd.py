"""The other chats: every visitor's window and every agent's console holds its stream open, and both sides talk.

`python -m bench.desk_crowd` reads its plan as one JSON line, prints `ready` once all streams are open, talks until its
input ends, and prints what it did as one JSON line.
"""

import asyncio
import itertools
import json
import random
import sys
from typing import Any

# Each chat comes from an address of its own, as visitors do; loopback has sixteen million.
ADDRESSES = [f"127.0.{n // 250}.{n % 250 + 2}" for n in range(1000)]
CSRF = "x" * 32


class Crowd:
    """All of them on one event loop."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.numbers = itertools.count()
        self.heard = self.said = self.refused = 0

    async def request(self, text: str, body: str, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send one request from this address."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.plan["port"], local_addr=(address, 0))
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        writer.write(f"{text}\r\nHost: 127.0.0.1:{self.plan['port']}\r\n{length}\r\n{body}".encode())
        await writer.drain()
        return reader, writer

    async def listen(self, text: str, address: str, opened: asyncio.Semaphore) -> None:
        """Hold a stream open and count what is heard."""
        reader, _writer = await self.request(text, "", address)
        status = await reader.readline()
        assert b"200" in status, status
        opened.release()
        while line := await reader.readline():
            self.heard += line.startswith(b"data: ")

    async def say(self, text: str, body: str, address: str) -> None:
        """One message; whether it was kept."""
        reader, writer = await self.request(text, body, address)
        status = await reader.readline()
        writer.close()
        kept = b" 201" in status or b" 204" in status
        self.said += kept
        self.refused += not kept

    def visitor_line(self, chat: dict[str, Any], path: str, verb: str = "GET") -> str:
        """The first lines of a window's request."""
        kind = "\r\nContent-Type: application/json" if verb == "POST" else ""
        key, token = self.plan["site_key"], chat["token"]
        return f"{verb} /chat/{key}/{path}?lang=en HTTP/1.1\r\nAuthorization: Bearer {token}{kind}"

    async def run(self) -> None:
        """Open, talk, tell."""
        opened, tasks = asyncio.Semaphore(0), []
        for n, chat in enumerate(self.plan["chats"]):
            tasks.append(
                asyncio.create_task(self.listen(self.visitor_line(chat, "stream"), ADDRESSES[n % 1000], opened))
            )
            if n % 20 == 19:
                await asyncio.sleep(0.2)
        for n, cookie in enumerate(self.plan["agents"]):
            head = f"GET /events HTTP/1.1\r\nCookie: sessionid={cookie}"
            tasks.append(asyncio.create_task(self.listen(head, ADDRESSES[n], opened)))
        for _ in tasks:
            await opened.acquire()
        print("ready", flush=True)
        ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        while not ended.done():
            await asyncio.sleep(random.expovariate(self.plan["per_s"]))
            tasks.append(asyncio.create_task(self.one_line()))
        print(json.dumps({"heard": self.heard, "said": self.said, "refused": self.refused}), flush=True)
        for task in tasks:
            task.cancel()

    async def one_line(self) -> None:
        """Somebody says something: as often a visitor as an agent."""
        number = next(self.numbers)
        place = random.randrange(len(self.plan["chats"]))
        chat = self.plan["chats"][place]
        if number % 2:
            body = json.dumps({"client_id": f"crowd-{number:08}", "body": f"line {number}"})
            await self.say(self.visitor_line(chat, "messages", "POST"), body, ADDRESSES[place % 1000])
            return
        cookie = self.plan["agents"][chat["agent"]]
        head = (
            f"POST /tickets/{chat['ticket']}/chat HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Cookie: sessionid={cookie}; csrftoken={CSRF}\r\nX-CSRFToken: {CSRF}"
        )
        await self.say(head, f"client_id=crowd-{number:08}&body=answer+{number}", ADDRESSES[place % 1000])


if __name__ == "__main__":
    asyncio.run(Crowd(json.loads(sys.stdin.readline())).run())
