"""What a job starts from and ends on: words alone, pictures, or ends of an earlier clip."""

import asyncio
import dataclasses
from dataclasses import dataclass

from bot.clips_folder import ClipsFolder
from inference.joining import join
from inference.mp4 import as_png, first_frame, last_frame
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
    """The job's request with the pictures that it starts from and ends on.

    Raises: StartGone; RequestRejected, when the earlier clip cannot be read.
    """
    if job.continues is not None:
        return await _end_of(job, job.continues, database, folder)
    image, last_image = [
        await _kept(digest, database) for digest in (job.picture, job.last_picture)
    ]
    return Start(request=dataclasses.replace(job.request, image=image, last_image=last_image))


async def _kept(digest: str | None, database: Database) -> bytes | None:
    if digest is None:
        return None
    image = await database.read(pictures.get, digest)
    if image is None:
        raise StartGone
    return image


async def _end_of(job: Job, earlier: int, database: Database, folder: ClipsFolder) -> Start:
    record = await database.read(clips.of_job, earlier)
    if record is None:
        raise StartGone
    try:
        before = await asyncio.to_thread(folder.read, record.path)
    except FileNotFoundError as error:
        raise StartGone from error
    request = await asyncio.to_thread(_joint, job.request, before)
    return Start(request=request, before=before, seconds=record.seconds)


def _joint(request: Request, before: bytes) -> Request:
    """The request with the frames that it has in common with the clip before it."""
    back = as_png(first_frame(before)) if request.loops else None
    image = as_png(last_frame(before))
    return dataclasses.replace(request, image=image, last_image=back, continues=True)
