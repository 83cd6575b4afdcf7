"""What requests hold, as the OpenAPI document tells it. What values mean is checked where jobs are made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_MAX_NAME_LETTERS = 64  # of presets and connections: they stand in addresses
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=_MAX_NAME_LETTERS)]
Address = Annotated[str, Field(min_length=1, max_length=4096)]  # signed addresses are long; longer is no address


class Body(BaseModel):
    """A JSON object of a request; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, strict=True)


class StoredObject(Body):
    """An object in the bucket of a stored connection."""

    connection: Name
    key: Annotated[str, Field(min_length=1, max_length=1024)]


class Source(Body):
    """Where a movie is: one of the four."""

    path: str | None = None
    """An absolute path on the worker's machine, in a folder that the service may read."""
    url: Address | None = None
    """An http(s) address, which may be signed; or s3://bucket/name, gs://... or az://... with its keys."""
    key: Annotated[str, Field(max_length=4096)] | None = None
    """The key that opens the bucket of `url`; sealed at once."""
    secret: Annotated[str, Field(max_length=16384)] | None = None
    endpoint: Address | None = None
    """The address of a store that speaks like S3."""
    region: Annotated[str, Field(max_length=64)] | None = None
    object: StoredObject | None = None
    upload: Name | None = None
    """The id of a finished upload."""


class Destination(Body):
    """Where results go: a folder, or a bucket."""

    path: str | None = None
    url: Address | None = None
    """s3://bucket/prefix, gs://... or az://..."""
    connection: Name | None = None
    """The stored connection that has the keys."""
    key: str | None = None
    secret: str | None = None
    permissions: str | None = None
    storage_class: str | None = None
    endpoint: Address | None = None
    """The address of a store that speaks like S3."""
    region: str | None = None
    """Of a store that speaks like S3; left out, it is found out."""
    overwrite: bool = False
    """Whether files that are there may be replaced; else only those that the job itself has written."""
    names: dict[str, str] | None = None
    """By shape: what its movie is called below `url`, "a/tall.mp4"; all else of the shape goes beside it."""


class JobWebhook(Body):
    """Who is told about this job alone."""

    url: Address | None = None
    """Gets signed JSON."""
    secret: str | None = None
    """With which it is signed; without it the account's."""
    events: Annotated[list[str], Field(max_length=16)] | None = None
    """What `url` is told, as of an endpoint."""
    qencode: Address | None = None
    """Gets forms as Qencode sends them, instead of JSON."""


class NewJob(Body):
    """What is to be made of one movie."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": {"url": "https://example.com/talk.mp4"}, "ratios": ["9:16"]}]}
    )

    source: Source
    ratios: Annotated[list[str], Field(min_length=1, max_length=8)] = ["9:16"]
    """Shapes; each gets a timeline, and a movie where one is asked for."""
    outputs: Annotated[list[str], Field(min_length=1, max_length=32)] = ["mp4"]
    """mp4, hls, dash, and names of files for editors (GET /v1/choices). Timelines (.otio) are always written."""
    canvas: str | None = None
    """WIDTHxHEIGHT in px, for one ratio."""
    preset: str | dict[str, Any] | None = None
    """A name, or the values of a preset."""
    method: str | None = None
    """How subjects are chosen; without it the preset's, as the next two."""
    mode: str | None = None
    """How willingly the camera moves."""
    layouts: str | None = None
    """Layouts that may be used, "fit,split-2"; one alone is insisted upon."""
    prompt: str | None = None
    """What to show: "dog, ball"."""
    avoid: str | None = None
    """What not to show."""
    style: str | None = None
    """Looks and moves together: a name of GET /v1/choices."""
    tilt: str | None = None
    """A name of GET /v1/choices, or four corners "x,y x,y x,y x,y" as shares of the picture's cell."""
    corners: str | None = None
    """How round corners are: "24px", or "2%" of the picture's shorter side."""
    shadow: bool | None = None
    """Whether the picture throws a shadow."""
    padding: str | None = None
    """Space around the whole picture: "6%" of the shorter side."""
    background: str | None = None
    """What shows there: black, blur, "#1a1a2e", or "#1a1a2e:#3c3c6e" from top to bottom."""
    lead_s: Annotated[float, Field(ge=0, le=2)] | None = None
    """Seconds by which the camera of a screen recording sets off before something happens."""
    deinterlace: Literal["auto", "off", "on"] | None = None
    """Whether pictures made of two fields are deinterlaced."""
    overrides: str | None = None
    """Decisions for shots: the text of a STEM.panscan.toml."""
    speaker: bool | None = None
    """Whether it matters who speaks."""
    include_subjects: bool | None = None
    """Whether crops-json names layouts and subjects."""
    include_non_active_layouts: bool | None = None
    """Whether crops hold the layouts without speaker too."""
    return_video: bool | None = None
    """false: timelines and files for editors alone."""
    destination: Destination | None = None
    webhook: JobWebhook | None = None
    payload: Annotated[str, Field(max_length=1024)] | None = None
    """Your own word, given back as it is."""
    priority: Literal[10, 20, 25, 30] | None = None
    """The higher goes first; at most that of the plan, and without it that."""
    allow_soft_fail: bool | None = None
    """Complete the job, with a warning, where one of several outputs failed."""
    retention_h: Annotated[int, Field(ge=1, le=8760)] | None = None
    """Hours for which results are kept after the end."""


class NewPreset(Body):
    """The values of a preset that differ from its base; see docs/presets.md."""

    values: dict[str, Any]


class NewConnection(Body):
    """The keys of a store. They are sealed at once and never shown again."""

    url: Address
    """s3://bucket, gs://bucket or az://container."""
    key: Annotated[str, Field(max_length=4096)] | None = None
    secret: Annotated[str, Field(max_length=16384)] | None = None
    endpoint: Address | None = None
    region: Annotated[str, Field(max_length=64)] | None = None


class NewWatch(Body):
    """A bucket in which each new movie becomes a job."""

    connection: Name
    """The stored connection below whose prefix is looked."""
    request: dict[str, Any] = {}
    """What is asked of each job, as in POST /v1/jobs, without `source` and without secrets."""
    is_dated: bool = False
    """Whether later movies have keys later in the alphabet: then only these are listed."""
    takes_existing: bool = False
    """Whether movies that are there already become jobs too."""


class NewEndpoint(Body):
    """An address that is told what happens."""

    url: Address
    events: Annotated[list[str], Field(max_length=16)] = []
    """Kinds, e.g. job.completed or job.planned (GET /v1/webhooks); none means the ends of jobs."""


class NewLink(Body):
    """A link to a result, which works without a token for a while."""

    file: Annotated[str, Field(min_length=1, max_length=255)]
    """The `file` of one of the job's outputs."""
