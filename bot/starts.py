"""What a job starts from: words alone, a picture, or the end of an earlier clip."""

import asyncio
import dataclasses
from dataclasses import dataclass

from bot.clips_folder import ClipsFolder
from inference.mp4 import as_png, join, last_frame
from inference.values import Clip, Request
from storage import clips, pictures
from storage.database import Database
from storage.jobs import Job


class StartGone(Exception):
    """The clip or the picture that a job should start from is not kept any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the worker is asked for. before, seconds: the clip that it goes on from, None for none.

    seconds: that clip's length.
    """

    request: Request
    before: bytes | None = None
    seconds: float = 0.0

    async def join(self, clip: Clip) -> Clip:
        """The whole clip: what was there before, and what came. Raises: EncodeError."""
        if self.before is None:
            return clip
        mp4 = await asyncio.to_thread(join, [self.before, clip.mp4])
        return dataclasses.replace(clip, mp4=mp4, seconds=self.seconds + clip.seconds)


async def start_of(job: Job, database: Database, folder: ClipsFolder) -> Start:
    """The job's request with the picture that it starts from.

    Raises: StartGone; RequestRejected, when the earlier clip cannot be read.
    """
    if job.continues is not None:
        return await _end_of(job, job.continues, database, folder)
    if job.picture is None:
        return Start(request=job.request)
    image = await database.read(pictures.get, job.picture)
    if image is None:
        raise StartGone
    return Start(request=dataclasses.replace(job.request, image=image))


async def _end_of(job: Job, earlier: int, database: Database, folder: ClipsFolder) -> Start:
    record = await database.read(clips.of_job, earlier)
    if record is None:
        raise StartGone
    try:
        before = await asyncio.to_thread(folder.read, record.path)
    except FileNotFoundError as error:
        raise StartGone from error
    picture = await asyncio.to_thread(lambda: as_png(last_frame(before)))
    request = dataclasses.replace(job.request, image=picture, continues=True)
    return Start(request=request, before=before, seconds=record.seconds)
